import { Drawer, Stack, Tabs, Text, Title } from '@mantine/core'
import type { Item } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { ConnectionBar } from './connection-bar.js'
import { ConsumptionForm } from './consumption-form.js'
import { DisposalForm } from './disposal-form.js'
import { formatQuantity, formatTime } from './format.js'
import { LotLines } from './lot-lines.js'
import { ReceiptForm } from './receipt-form.js'
import { StockMark } from './stock-mark.js'
import { useStock } from './use-dashboard.js'

interface ItemPanelProps {
  /** The item shown; null closes the panel. */
  readonly sku: string | null
  readonly canMove: boolean
  readonly onClose: () => void
}

/** One item, live, with the forms that move it. */
export const ItemPanel = ({ sku, canMove, onClose }: ItemPanelProps): ReactElement => {
  const { itemsBySku } = useStock()
  const item = sku === null ? undefined : itemsBySku.get(sku)
  return (
    <Drawer
      opened={sku !== null}
      onClose={onClose}
      position="right"
      size="md"
      title={item?.name ?? sku ?? ''}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {item === undefined ? (
        <Text>This item is not in the stock any more.</Text>
      ) : (
        <ItemDetails key={item.sku} item={item} canMove={canMove} />
      )}
    </Drawer>
  )
}

interface ItemDetailsProps {
  readonly item: Item
  readonly canMove: boolean
}

const ItemDetails = ({ item, canMove }: ItemDetailsProps): ReactElement => {
  return (
    <Stack>
      <ConnectionBar />
      <div>
        <Text>
          <b className="total">{formatQuantity(item.usableQuantity)}</b> {item.unit ?? ''} in stock
        </Text>
        <StockMark item={item} />
        {item.expiredQuantity > 0 && (
          <Text size="sm" className="mark mark-out">
            ✕ {formatQuantity(item.expiredQuantity)} more have expired, not to be dispensed
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {item.sku}
          {item.category === null ? '' : ` · ${item.category}`} · changed{' '}
          {formatTime(item.updatedAt)}
        </Text>
      </div>
      <div>
        <Title order={3} size="h6">
          Lots, earliest expiry first
        </Title>
        <LotLines lots={item.lots} />
      </div>
      {canMove ? (
        <Tabs defaultValue="consume" keepMounted>
          <Tabs.List grow>
            <Tabs.Tab value="consume">Consume</Tabs.Tab>
            <Tabs.Tab value="receive">Receive</Tabs.Tab>
            <Tabs.Tab value="dispose">Write off</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="consume" pt="md">
            <ConsumptionForm item={item} />
          </Tabs.Panel>
          <Tabs.Panel value="receive" pt="md">
            <ReceiptForm item={item} />
          </Tabs.Panel>
          <Tabs.Panel value="dispose" pt="md">
            <DisposalForm item={item} />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <Text size="sm" c="dimmed">
          Your role may read the stock, not move it.
        </Text>
      )}
    </Stack>
  )
}
