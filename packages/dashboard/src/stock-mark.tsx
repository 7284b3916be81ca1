import { Text } from '@mantine/core'
import type { Item } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { formatQuantity } from './format.js'

/** Says in words, with a sign, that an item is low or out; nothing where it is neither. */
export const StockMark = ({ item }: { readonly item: Item }): ReactElement | null => {
  if (item.usableQuantity === 0) {
    return (
      <Text size="xs" fw={700} className="mark mark-out">
        ✕ Out of stock
      </Text>
    )
  }
  if (!item.lowStock) return null
  return (
    <Text size="xs" fw={700} className="mark mark-low">
      ▼ Low (limit {formatQuantity(item.threshold)})
    </Text>
  )
}
