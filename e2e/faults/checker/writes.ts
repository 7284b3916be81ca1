import type { DumpedMovement } from '../dump.js'
import { pushTo, type Facts } from './facts.js'
import type { Violation } from './violation.js'

/** I6 and I9: what writers were told, compared with what is there. */
export const checkWrites = (facts: Facts): Violation[] => {
  return [...durability(facts), ...unexplained(facts), ...idempotency(facts)]
}

/** Number of the entry that a write made: found by its id in the reason, or by the version it was answered. */
export const entryOfWrite = (id: string, facts: Facts): number | undefined => {
  const [byReason] = movementsByReason(facts).get(id) ?? []
  if (byReason !== undefined) return byReason.seq
  const records = facts.writes.get(id) ?? []
  const [invoke] = records
  const ok = records.find((record) => record.phase === 'ok')
  if (invoke?.phase !== 'invoke' || ok?.phase !== 'ok' || ok.version === null) return undefined
  const seq = entriesByVersion(facts).get(`${invoke.sku}@${String(ok.version)}`)
  // An adjustment that found the quantity as it should be makes no entry: the version is somebody else's.
  if (invoke.kind === 'adjust' || invoke.kind === 'threshold') return undefined
  return seq
}

const durability = (facts: Facts): Violation[] => {
  const { writes } = facts
  const bySeq = movementsBySeq(facts)
  const found: Violation[] = []
  const say = (detail: string): void => {
    found.push({ invariant: 'I6', detail })
  }
  for (const [id, records] of writes) {
    const [invoke] = records
    if (invoke?.phase !== 'invoke' || invoke.kind === 'threshold') continue
    const made = movementsByReason(facts).get(id) ?? []
    const verdict = records.find(({ phase }) => phase === 'ok' || phase === 'refused')?.phase
    if (made.length > 1) say(`${id} is there ${String(made.length)} times`)
    if (verdict === 'refused' && made.length > 0) say(`${id} was refused and is there`)
    if (verdict !== 'ok') continue
    if (invoke.kind === 'receive') {
      const seq = entryOfWrite(id, facts)
      const movements = (seq === undefined ? undefined : bySeq.get(seq)) ?? []
      if (!movements.some(({ type, actor }) => type === 'lot_added' && actor === invoke.actor)) {
        say(`${id} was acknowledged and is not there`)
      }
    } else if (made.length === 0 && (invoke.via === 'sql' || invoke.kind === 'consume')) {
      say(`${id} was acknowledged and is not there`)
    }
  }
  return found
}

/** Movements of a writer that no write of it explains: done twice, or done although refused. */
const unexplained = (facts: Facts): Violation[] => {
  const actors = new Set([...facts.writes.values()].map(([first]) => first?.actor ?? ''))
  const receipts = new Map<string, number>()
  const open = new Map<string, number>()
  for (const [, records] of facts.writes) {
    const [invoke] = records
    if (invoke?.phase !== 'invoke' || invoke.kind !== 'receive') continue
    const isOk = records.some(({ phase }) => phase === 'ok')
    const isRefused = records.some(({ phase }) => phase === 'refused')
    const counts = isOk ? receipts : isRefused ? undefined : open
    counts?.set(invoke.actor, (counts.get(invoke.actor) ?? 0) + 1)
  }
  const found: Violation[] = []
  const received = new Map<string, number>()
  for (const { actor, type, reason, sku, seq } of facts.dump.movements) {
    if (!actors.has(actor)) continue
    if (type === 'lot_added') received.set(actor, (received.get(actor) ?? 0) + 1)
    else if (reason === null || !facts.writes.has(reason)) {
      found.push({
        invariant: 'I6',
        detail: `nobody asked for the movement of ${sku} at ${String(seq)}`,
      })
    }
  }
  for (const [actor, count] of received) {
    const acknowledged = receipts.get(actor) ?? 0
    if (count < acknowledged || count > acknowledged + (open.get(actor) ?? 0)) {
      found.push({
        invariant: 'I6',
        detail: `${actor} had ${String(acknowledged)} receipts acknowledged, ${String(count)} are there`,
      })
    }
  }
  return found
}

const idempotency = ({ writes }: Facts): Violation[] => {
  const found: Violation[] = []
  for (const [id, records] of writes) {
    for (const record of records) {
      if (record.phase === 'repeat' && !record.same) {
        found.push({ invariant: 'I9', detail: `${id} was answered otherwise the second time` })
      }
      if (record.phase === 'reuse' && record.status !== 422) {
        found.push({
          invariant: 'I9',
          detail: `the key of ${id} served another request: ${String(record.status)}`,
        })
      }
    }
  }
  return found
}

const byReason = new WeakMap<Facts, Map<string, DumpedMovement[]>>()
const byVersion = new WeakMap<Facts, Map<string, number>>()

const movementsByReason = (facts: Facts): Map<string, DumpedMovement[]> => {
  return remembered(byReason, facts, () => {
    const map = new Map<string, DumpedMovement[]>()
    for (const movement of facts.dump.movements) {
      if (movement.reason !== null) pushTo(map, movement.reason, movement)
    }
    return map
  })
}

export const movementsBySeq = ({ dump }: Facts): Map<number, DumpedMovement[]> => {
  const map = new Map<number, DumpedMovement[]>()
  for (const movement of dump.movements) pushTo(map, movement.seq, movement)
  return map
}

/** Numbers of the updates by `sku@version`. */
const entriesByVersion = (facts: Facts): Map<string, number> => {
  return remembered(byVersion, facts, () => {
    const map = new Map<string, number>()
    for (const { seq, name, payload } of facts.dump.log) {
      if (name !== 'inventory:update') continue
      const { sku, version } = payload['item'] as { sku: string; version: number }
      map.set(`${sku}@${String(version)}`, seq)
    }
    return map
  })
}

const remembered = <V>(cache: WeakMap<Facts, V>, facts: Facts, make: () => V): V => {
  const known = cache.get(facts)
  if (known !== undefined) return known
  const made = make()
  cache.set(facts, made)
  return made
}
