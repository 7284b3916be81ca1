import type { LotConsumed } from '@uzima/contracts'

/** Units of one lot that could be given out. */
export interface OpenLot {
  readonly lotNumber: string
  readonly expiryDate: string
  readonly quantity: number
}

/** Takes `quantity` from `lots` in their order; undefined where they hold less. */
export const allocate = (lots: readonly OpenLot[], quantity: number): LotConsumed[] | undefined => {
  let missing = quantity
  const taken: LotConsumed[] = []
  for (const lot of lots) {
    if (missing === 0) break
    const units = Math.min(lot.quantity, missing)
    taken.push({ lotNumber: lot.lotNumber, expiryDate: lot.expiryDate, quantity: units })
    missing -= units
  }
  return missing === 0 ? taken : undefined
}
