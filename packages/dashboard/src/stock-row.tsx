import { Anchor, Table, Text } from '@mantine/core'
import type { Item } from '@uzima/contracts'
import { memo, useEffect, useRef, type ReactElement } from 'react'
import { describeExpiry, formatQuantity, formatTime } from './format.js'
import { LotLines } from './lot-lines.js'
import { StockMark } from './stock-mark.js'

interface StockRowProps {
  readonly item: Item
  /** Number of the last change since the page was loaded; 0 for none. */
  readonly changedAtSeq: number
  readonly onOpen: (sku: string) => void
}

const MARK_MS = 4000

const Row = ({ item, changedAtSeq, onOpen }: StockRowProps): ReactElement => {
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (changedAtSeq === 0) return
    row.current?.animate([{ backgroundColor: '#ffec99' }, { backgroundColor: 'transparent' }], {
      duration: MARK_MS,
      easing: 'ease-in',
    })
  }, [changedAtSeq])

  const first = item.lots.find((lot) => lot.quantity > 0 && !lot.expired)
  return (
    <Table.Tr ref={row} data-sku={item.sku}>
      <Table.Td>
        <Anchor
          component="button"
          type="button"
          ta="left"
          fw={600}
          c="var(--link)"
          onClick={() => {
            onOpen(item.sku)
          }}
        >
          {item.name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {item.sku}
          {item.category === null ? '' : ` · ${item.category}`}
        </Text>
        {first !== undefined && (
          <Text size="xs" c="dimmed" className="narrow">
            next: {first.lotNumber}, {describeExpiry(first)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="quantity">
        <Text span fw={700}>
          {formatQuantity(item.usableQuantity)}
        </Text>{' '}
        <Text span size="sm">
          {item.unit ?? ''}
        </Text>
        <StockMark item={item} />
        {changedAtSeq !== 0 && (
          <Text size="xs" c="dimmed">
            changed {formatTime(item.updatedAt)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="wide">
        <LotLines lots={item.lots} limit={3} />
      </Table.Td>
    </Table.Tr>
  )
}

/** One item; drawn again only when the item itself changes. */
export const StockRow: React.NamedExoticComponent<StockRowProps> = memo(Row)
