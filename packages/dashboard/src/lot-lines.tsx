import { Text } from '@mantine/core'
import type { Lot } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { daysUntil, describeExpiry, formatQuantity } from './format.js'
import { EXPIRING_WITHIN_DAYS } from './stock-filter.js'

interface LotLinesProps {
  /** Earliest expiry first, as the server sends them. */
  readonly lots: readonly Lot[]
  /** The number of lots shown. Default: all. */
  readonly limit?: number
}

/** Lists the lots that hold stock, with how long they last. */
export const LotLines = ({ lots, limit = Infinity }: LotLinesProps): ReactElement => {
  const held = lots.filter((lot) => lot.quantity > 0)
  if (held.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No lots
      </Text>
    )
  }
  const shown = held.slice(0, limit)
  return (
    <ul className="lots">
      {shown.map((lot) => (
        <li key={lot.lotNumber}>
          <b>{formatQuantity(lot.quantity)}</b> · {lot.lotNumber} · {lot.expiryDate}{' '}
          <span className={expiryClass(lot)}>({describeExpiry(lot)})</span>
        </li>
      ))}
      {held.length > shown.length && <li>and {held.length - shown.length} more</li>}
    </ul>
  )
}

const expiryClass = ({ expired, expiryDate }: Lot): string => {
  if (expired) return 'mark mark-out'
  return daysUntil(expiryDate) <= EXPIRING_WITHIN_DAYS ? 'mark mark-low' : ''
}
