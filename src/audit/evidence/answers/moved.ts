import { isKind, type Answer, type AnswerRow } from './facts.js'

/** Who moved the lot and when: each movement that changed it, of one item or of all that have a lot of this number. */
export const moved = (lotNumber: string, sku?: string): Answer => {
  const rows: AnswerRow[] = []
  return {
    onFact(fact) {
      if (!isKind(fact, 'stock_movement')) return
      const { lots, sku: item, type, at, userId } = fact.fields
      if (sku !== undefined && item !== sku) return
      for (const lot of lotsIn(lots)) {
        if (lot.lotNumber !== lotNumber) continue
        const { delta, before, after } = lot
        const { actor, reason } = fact.texts
        rows.push({
          ...{ at, sku: item, lot: lotNumber, type, delta, before, after },
          ...{ by: actor, userId, reason, leaf: fact.n },
        })
      }
    },
    rows: () => rows,
  }
}

interface Lot {
  readonly lotNumber: string
  readonly delta: number
  readonly before: number
  readonly after: number
}

/** As the database wrote them: they are covered by the leaf. */
const lotsIn = (text: unknown): readonly Lot[] =>
  typeof text === 'string' ? (JSON.parse(text) as readonly Lot[]) : []
