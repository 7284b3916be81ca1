import type { DumpedMovement } from '../dump.js'

export interface ModelLot {
  readonly lotNumber: string
  readonly expiryDate: string
  readonly quantity: number
}

/** Stock as nothing but movements make it. */
export interface StockModel {
  /** Applies a movement; returns what is wrong with it. */
  readonly apply: (movement: DumpedMovement) => string[]
  readonly lotsOf: (sku: string) => readonly ModelLot[]
  readonly totalOf: (sku: string) => number
  /** Units that may be given out on `today`. */
  readonly availableOf: (sku: string, today: string) => number
  /** What a consumption of `quantity` has to take, by lot; undefined where there is not enough. */
  readonly allocation: (
    sku: string,
    quantity: number,
    today: string,
  ) => ReadonlyMap<string, number> | undefined
}

export const createStockModel = (): StockModel => {
  const items = new Map<string, Map<string, ModelLot>>()

  const lotsOf = (sku: string): ModelLot[] => [...(items.get(sku)?.values() ?? [])].sort(byExpiry)
  const totalOf = (sku: string): number => sum(lotsOf(sku))
  const usable = (sku: string, today: string): ModelLot[] =>
    lotsOf(sku).filter(({ expiryDate, quantity }) => expiryDate >= today && quantity > 0)

  const apply = ({ id, sku, delta, before, after, lots }: DumpedMovement): string[] => {
    const name = `movement ${String(id)} of ${sku}`
    const problems: string[] = []
    const known = items.get(sku) ?? new Map<string, ModelLot>()
    items.set(sku, known)
    if (before !== totalOf(sku)) {
      problems.push(`${name} begins at ${String(before)}, not at ${String(totalOf(sku))}`)
    }
    for (const lot of lots) {
      const was = known.get(lot.lotNumber)?.quantity ?? 0
      if (lot.before !== was || lot.after !== lot.before + lot.delta) {
        problems.push(`${name} does not follow on for lot ${lot.lotNumber}`)
      }
      if (lot.after < 0) problems.push(`${name} leaves lot ${lot.lotNumber} negative`)
      const { lotNumber, expiryDate } = lot
      known.set(lotNumber, { lotNumber, expiryDate, quantity: lot.after })
    }
    if (after !== before + delta || after !== totalOf(sku)) {
      problems.push(`${name} ends at ${String(after)}, not at ${String(totalOf(sku))}`)
    }
    return problems
  }

  return {
    apply,
    lotsOf,
    totalOf,
    availableOf: (sku, today) => sum(usable(sku, today)),
    allocation(sku, quantity, today) {
      const taken = new Map<string, number>()
      let missing = quantity
      for (const lot of usable(sku, today)) {
        if (missing === 0) break
        const units = Math.min(lot.quantity, missing)
        taken.set(lot.lotNumber, units)
        missing -= units
      }
      return missing === 0 ? taken : undefined
    },
  }
}

const sum = (lots: readonly ModelLot[]): number =>
  lots.reduce((total, { quantity }) => total + quantity, 0)

/** By expiry, then by lot number in byte order: the documented order. */
const byExpiry = (a: ModelLot, b: ModelLot): number =>
  compare(a.expiryDate, b.expiryDate) || compare(a.lotNumber, b.lotNumber)

const compare = (a: string, b: string): number => {
  if (a === b) return 0
  return a < b ? -1 : 1
}
