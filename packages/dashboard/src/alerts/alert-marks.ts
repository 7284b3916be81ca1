import type { AlertKind } from '@uzima/contracts'
import type { MarkKind } from '../ui/mark.js'

/** What is most urgent first. */
export const KINDS: readonly AlertKind[] = ['out_of_stock', 'expired', 'low_stock', 'expiring']

/** Shape and colour, as in the stock. */
export const MARKS: Readonly<Record<AlertKind, MarkKind>> = {
  out_of_stock: 'out',
  expired: 'expired',
  low_stock: 'low',
  expiring: 'soon',
}
