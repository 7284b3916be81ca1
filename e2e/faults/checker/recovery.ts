import { mayReceive } from '../feeds.js'
import type { HistoryRecord } from '../history.js'
import { refusalExcuse } from './closing.js'
import type { AttemptFacts, Facts, OpOf } from './facts.js'
import type { Violation } from './violation.js'

/** Generous, because everything shares a machine; nobody has to do anything for it. */
const RECOVERS_WITHIN_MS = 45_000
/** In which a client that waits for another token must have seen that there is one. */
const LOOKS_WITHIN_MS = 5_000

type Recovered = OpOf<'recovered'>

/** I20: after each fault the world comes back by itself. */
export const checkRecovery = (facts: Facts): Violation[] => {
  const kinds = new Map(facts.faults.map(({ id, kind }) => [id, kind]))
  return facts.history.records.flatMap((record) => {
    if (record.op !== 'recovered') return []
    const { id, afterMs, notReady, behind } = record
    const lacking = [...notReady, ...behind]
    if (lacking.length === 0 && afterMs <= RECOVERS_WITHIN_MS) return []
    if (waitedForTheTold(record, facts)) return []
    const what = lacking.length === 0 ? 'all is well' : `not well: ${lacking.join(', ')}`
    const detail = `${String(Math.round(afterMs))} ms after fault ${String(id)} (${kinds.get(id) ?? ''}): ${what}`
    return [{ invariant: 'I20', detail }]
  })
}

/**
 * Whether all that was waited for were clients whom the service had told, with a reason that I19 accepts, that only another
 * token helps, and who had none. Then the world was back in time where each other client had heard of a change made after
 * the fault, and each node had told somebody of it.
 */
const waitedForTheTold = (record: Recovered, facts: Facts): boolean => {
  const from = record.t - record.afterMs
  const by = from + Math.min(record.afterMs, RECOVERS_WITHIN_MS)
  const told = toldBy(by, facts)
  if (told.size === 0 || record.notReady.length > 0) return false
  if (record.behind.some((client) => !told.has(client))) return false
  const heard = heardBetween(from, by, facts)
  return (
    nodesOf(facts).every((node) => heard.nodes.has(node)) &&
    [...facts.finals.values()].every(
      ({ client, userId }) =>
        told.has(client) || heard.clients.has(client) || !mayHear(userId, from, by, facts),
    )
  )
}

/** Clients that had been refused or closed for an ended right at `by`, and could not come back: no newer token was there. */
const toldBy = (by: number, facts: Facts): Set<string> => {
  const newestToken = new Map<string, number>()
  const last = new Map<string, AttemptFacts>()
  for (const one of facts.attempts.values()) {
    const { t, client, userId, tokenAt } = one.attempt
    if (t <= by) last.set(client, one)
    if (userId === null || tokenAt === null || tokenAt > by - LOOKS_WITHIN_MS) continue
    newestToken.set(userId, Math.max(newestToken.get(userId) ?? 0, tokenAt))
  }
  return new Set(
    [...last.values()].flatMap((one) => {
      const { client, userId, tokenAt } = one.attempt
      const isRefused = one.refused !== undefined && one.refused.t <= by
      const isNewest = (newestToken.get(userId ?? '') ?? 0) <= (tokenAt ?? 0)
      return isRefused && isNewest && refusalExcuse(one, facts) !== undefined ? [client] : []
    }),
  )
}

/** Who heard of what was committed after `from`, and from which nodes. */
const heardBetween = (
  from: number,
  by: number,
  { attempts, headAt }: Facts,
): { readonly clients: Set<string>; readonly nodes: Set<string> } => {
  const head = headAt(from)
  const clients = new Set<string>()
  const nodes = new Set<string>()
  for (const { attempt, records } of attempts.values()) {
    if (!records.some((one) => one.t > from && one.t <= by && numberOf(one) > head)) continue
    clients.add(attempt.client)
    nodes.add(attempt.node)
  }
  return { clients, nodes }
}

const numberOf = (record: HistoryRecord): number => {
  if (record.op === 'packet') return record.seq
  return record.op === 'snapshot' || record.op === 'connected' ? record.position.seq : 0
}

const nodesOf = ({ attempts }: Facts): string[] => [
  ...new Set([...attempts.values()].map(({ attempt }) => attempt.node)),
]

/** Whether a user may follow the stock all the time from `from` to `by`, and none of his rights ended. */
const mayHear = (userId: string, from: number, by: number, facts: Facts): boolean => {
  const { ends = [] } = facts.rights.get(userId) ?? {}
  const roles = facts.rolesBetween(userId, facts.headAt(from), facts.headAt(by))
  return (
    roles.every((role) => mayReceive('inventory:update', role)) &&
    ends.every((at) => at < from || at > by)
  )
}
