import { SegmentedControl, Table, Text, TextInput } from '@mantine/core'
import { useDeferredValue, useMemo, useState, type ReactElement } from 'react'
import { plural } from './format.js'
import { EXPIRING_WITHIN_DAYS, filterStock, isExpiring, type StockScope } from './stock-filter.js'
import { StockRow } from './stock-row.js'
import { useDashboardState, useStock } from './use-dashboard.js'

interface StockListProps {
  readonly onOpen: (sku: string) => void
}

/** The stock with its search and its filters. */
export const StockList = ({ onOpen }: StockListProps): ReactElement => {
  const { itemsBySku, changedAtSeq, position } = useStock()
  const synced = useDashboardState((state) => state.status.synced)
  const [scope, setScope] = useState<StockScope>('all')
  const [search, setSearch] = useState('')
  const deferredSearch = useDeferredValue(search)

  const items = useMemo(
    () => filterStock(itemsBySku.values(), { scope, search: deferredSearch }),
    [itemsBySku, scope, deferredSearch],
  )
  const counts = useMemo(() => {
    const all = [...itemsBySku.values()]
    return {
      all: all.length,
      low: all.filter((item) => item.lowStock).length,
      expiring: all.filter((item) => isExpiring(item)).length,
    }
  }, [itemsBySku])

  return (
    <section aria-label="Stock" className="stock">
      <div className="filters">
        <TextInput
          label="Search"
          placeholder="Name, code or category"
          type="search"
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value)
          }}
        />
        <SegmentedControl
          aria-label="Show"
          value={scope}
          onChange={setScope}
          data={[
            { value: 'all', label: `All ${counts.all}` },
            { value: 'low', label: `Low ${counts.low}` },
            { value: 'expiring', label: `Expiring ${counts.expiring}` },
          ]}
        />
      </div>
      <Text size="sm" c="dimmed" role="status">
        {position === null && !synced ? 'Loading the stock…' : plural(items.length, 'item')}
        {scope === 'expiring' ? ` expiring within ${EXPIRING_WITHIN_DAYS} days, or expired` : ''}
      </Text>
      <Table className="stock-table" verticalSpacing={6} horizontalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Item</Table.Th>
            <Table.Th scope="col">In stock</Table.Th>
            <Table.Th scope="col" className="wide">
              Lots, earliest expiry first
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <StockRow
              key={item.sku}
              item={item}
              changedAtSeq={changedAtSeq.get(item.sku) ?? 0}
              onOpen={onOpen}
            />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
