import type { Facts } from './facts.js'
import type { Violation } from './violation.js'

/** Crossings of thresholds, worked out from the states of the items alone. */
export const crossingsOf = ({ dump }: Facts): { readonly seq: number; readonly sku: string }[] => {
  // Told of each item whether it counts as low and somebody was told; a new one does.
  const announced = new Map<string, boolean>()
  return dump.log.flatMap(({ seq, name, payload }) => {
    if (name !== 'inventory:update') return []
    const item = payload['item'] as { sku: string; usableQuantity: number; threshold: number }
    const isLow = item.usableQuantity <= item.threshold
    const was = announced.get(item.sku) ?? true
    announced.set(item.sku, isLow)
    return isLow && !was && payload['type'] !== 'archived' ? [{ seq, sku: item.sku }] : []
  })
}

/** I10: each crossing has its alert right behind it, and there is no other. */
export const checkAlerts = (facts: Facts): Violation[] => {
  const due = new Map(crossingsOf(facts).map(({ seq, sku }) => [seq + 1, sku]))
  const found: Violation[] = []
  for (const { seq, name, payload } of facts.dump.log) {
    if (name !== 'inventory:lowStock') continue
    if (due.get(seq) === payload['sku']) due.delete(seq)
    else {
      found.push({
        invariant: 'I10',
        detail: `the alert ${String(seq)} of ${String(payload['sku'])} has no crossing`,
      })
    }
  }
  for (const [seq, sku] of due) {
    found.push({
      invariant: 'I10',
      detail: `${sku} crossed its threshold at ${String(seq - 1)} without an alert`,
    })
  }
  return found
}
