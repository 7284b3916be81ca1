import type { Item, Lot } from '@uzima/contracts'
import { readCode, type ScannedCode } from './gs1.js'
import type { Label } from './gs1-elements.js'
import { gtinOf } from './gs1-values.js'
import type { Scan } from './keys.js'

/** What a scanned code is here. */
export type Match =
  | {
      readonly kind: 'item'
      readonly item: Item
      /** The lot on the shelf that the code names; null where it names none, or one that is new. */
      readonly lot: Lot | null
      readonly code: ScannedCode
      /** Found by its lot alone, although the code names a GTIN: one that nobody has told the item yet. */
      readonly unknownGtin: string | null
    }
  | { readonly kind: 'several'; readonly items: readonly Item[]; readonly code: ScannedCode }
  | { readonly kind: 'unknown'; readonly code: ScannedCode }

/** Finds what a scanner has typed, also one that is set for another keyboard than this device. */
export const matchScan = (
  { text, asAmerican }: Scan,
  items: readonly Item[],
  now?: Date,
): Match => {
  const match = matchCode(readCode(text, now), items)
  if (asAmerican === text || match.kind !== 'unknown') return match
  const american = matchCode(readCode(asAmerican, now), items)
  // Neither is known: the one that is a code at all is what was meant.
  return american.kind === 'unknown' && american.code.label === null ? match : american
}

/** Finds the item: by its own code, then by a GTIN of its `metadata.gtins`, then by the number of a lot. */
export const matchCode = (code: ScannedCode, items: readonly Item[]): Match => {
  const wanted = folded(code.text)
  const own = items.filter(({ sku }) => folded(sku) === wanted)
  if (own.length > 0) return matchOf(own, code, null)
  const gtin = code.label?.gtin ?? null
  const named = gtin === null ? [] : items.filter((item) => gtinsOf(item).includes(gtin))
  if (named.length > 0) return matchOf(named, code, null)
  const lots = code.label === null ? [code.text] : lotsOf(code)
  const holding = items.filter((item) => lotAmong(item, lots) !== null)
  return matchOf(holding, code, gtin)
}

const matchOf = (found: readonly Item[], code: ScannedCode, unknownGtin: string | null): Match => {
  const lots = code.label === null ? [code.text] : lotsOf(code)
  // Two items may share a GTIN by mistake; the lot on the shelf then says which is meant.
  const holding = found.filter((item) => lotAmong(item, lots) !== null)
  const [item, ...others] = holding.length === 1 ? holding : found
  if (item === undefined) return { kind: 'unknown', code }
  if (others.length > 0) return { kind: 'several', items: found, code }
  const lot = lotAmong(item, lots)
  return { kind: 'item', item, lot, code: lot === null ? code : readingOf(code, lot), unknownGtin }
}

/** Of the ways to read the code, the one that names the lot which is here. */
const readingOf = (code: ScannedCode, lot: Lot): ScannedCode => {
  const readings = [code.label, ...code.otherwise].filter((label) => label !== null)
  const label = readings.find((reading) => reading.lot !== null && isLot(lot, reading.lot))
  return label === undefined ? code : { ...code, label, otherwise: [] }
}

const lotsOf = ({ label, otherwise }: ScannedCode): string[] =>
  [label, ...otherwise].flatMap((reading: Label | null) => reading?.lot ?? [])

const lotAmong = ({ lots }: Item, numbers: readonly string[]): Lot | null => {
  for (const number of numbers) {
    const lot = lots.find((held) => isLot(held, number))
    if (lot !== undefined) return lot
  }
  return null
}

const isLot = ({ lotNumber }: Lot, number: string): boolean => folded(lotNumber) === folded(number)

const folded = (code: string): string => code.trim().toUpperCase()

/** What the item is sold under, as GTINs of 14 digits; what is none is passed over. */
const gtinsOf = ({ metadata }: Item): string[] => {
  const { gtins } = metadata
  if (!Array.isArray(gtins)) return []
  return gtins.flatMap((gtin: unknown) => (typeof gtin === 'string' ? (gtinOf(gtin) ?? []) : []))
}
