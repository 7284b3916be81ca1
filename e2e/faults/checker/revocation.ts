import { isFeed, mayReceive } from '../feeds.js'
import type { AttemptFacts, Change, ClientEntry, Facts } from './facts.js'
import type { Violation } from './violation.js'

/** Longest time from the answer to a revocation to the last byte, by what was broken then, in ms. */
const BOUND_MS = { healthy: 250, redis: 2_000, cutOff: 5_000 }
// A fault also counts for what began shortly before it and what came shortly after.
const MARGIN_MS = 1_500
// What a sleeping process or a dead network holds back left the service, or was decided, before the right ended; numbers
// above the end of the right stay forbidden. After waking up the node must find out within this time.
const WAKING_MS = 1_000
const STOPS = new Set(['node-stop', 'node-pause-short', 'node-pause-long'])
// A right that ended later than that before the node woke up may have ended after it.
const ASLEEP_MS = 500
// A client that did not read has these on its own side already; nobody can take them back.
const IN_KERNELS_BYTES = 8_000_000
const SMALL_BYTES = 2_000

/** I11: the exact part (numbers) and the timed part (bytes). */
export const checkRevocation = (facts: Facts): Violation[] => {
  const ended = facts.changes.filter(({ action }) => endsRight(action))
  const byUser = new Map<string, AttemptFacts[]>()
  for (const attempt of facts.attempts.values()) {
    const { userId } = attempt.attempt
    if (userId !== null) byUser.set(userId, [...(byUser.get(userId) ?? []), attempt])
  }
  return [
    ...ended.flatMap((change) =>
      (byUser.get(change.userId) ?? []).flatMap((attempt) => afterEnd(attempt, change, facts)),
    ),
    ...[...facts.attempts.values()].flatMap((attempt) => outOfScope(attempt, facts)),
  ]
}

/** Whether a change ends the sessions that the user has; a role only moves them. */
export const endsRight = (action: Change['action']): boolean =>
  action === 'deactivate' || action === 'revoke' || action === 'session'

/** What a connection received whose token was made before its user's right ended. */
const afterEnd = (
  { attempt, records }: AttemptFacts,
  change: Change,
  facts: Facts,
): Violation[] => {
  if (attempt.tokenAt === null || attempt.tokenAt >= change.invokedAt) return []
  const { until, why } = lastByteBy(attempt.node, change, facts)
  const mayLag = attempt.kind === 'slow' ? IN_KERNELS_BYTES : 0
  let lagging = 0
  return records.flatMap((record) => {
    if (record.op === 'packet' && record.seq > change.seq) {
      const detail = `${attempt.attempt} received ${String(record.seq)}, its right ended by ${change.action} at ${String(change.seq)}`
      return [{ invariant: 'I11', detail }]
    }
    if (!isApplicationByte(record) || record.t <= until) return []
    lagging += record.op === 'message' ? record.bytes : SMALL_BYTES
    if (lagging <= mayLag) return []
    const late = Math.round(record.t - change.ackAt)
    const detail = `${attempt.attempt} got ${record.op} ${String(late)} ms after its right had ended by ${change.action} at ${String(change.seq)} (${why})`
    return [{ invariant: 'I11', detail }]
  })
}

export const isApplicationByte = ({ op }: ClientEntry): boolean =>
  op === 'packet' || op === 'message' || op === 'connected' || op === 'role'

/** Until when bytes may come after `change` on a connection to `node`, by the faults of the time. */
export const lastByteBy = (
  node: string,
  { invokedAt, ackAt }: Change,
  { faults }: Facts,
): { readonly until: number; readonly why: string } => {
  const near = faults.filter(
    ({ start, end }) => start <= ackAt + MARGIN_MS && end >= invokedAt - MARGIN_MS,
  )
  const held = near.filter(
    ({ kind, target }) =>
      (STOPS.has(kind) && target === node) ||
      (kind === 'blackhole-clients' && target.startsWith(`${node} `)),
  )
  // What a node has when it wakes up it keeps, until it knows who may still have it.
  const asleep = held.find(
    ({ kind, end }) => kind !== 'blackhole-clients' && ackAt < end - ASLEEP_MS,
  )
  if (asleep !== undefined) {
    const until = Math.max(ackAt + WAKING_MS, asleep.end)
    return { until, why: 'until the node woke up, and nothing after it' }
  }
  if (held.length > 0) {
    const until = Math.max(ackAt, ...held.map(({ end }) => end)) + WAKING_MS
    return { until, why: '1,000 ms after the node woke up or the network let through' }
  }
  const affects = new Set(near.flatMap((fault) => fault.affects))
  const allow = (ms: number, what: string) => ({
    until: ackAt + ms,
    why: `${String(ms)} ms ${what}`,
  })
  if (['postgres', 'node', 'clients'].some((part) => affects.has(part))) {
    return allow(BOUND_MS.cutOff, 'while something is cut off')
  }
  return affects.has('redis')
    ? allow(BOUND_MS.redis, 'without Redis')
    : allow(BOUND_MS.healthy, 'when all is well')
}

/** Packets of a feed that no role of the user, from the entry's number until it was received, may receive. */
const outOfScope = ({ attempt, records }: AttemptFacts, facts: Facts): Violation[] => {
  return records.flatMap((record) => {
    if (record.op !== 'packet' || !isFeed(record.name)) return []
    const { seq, name, t } = record
    const userId = attempt.userId ?? ''
    const roles = facts.rolesBetween(userId, seq, Math.max(seq, facts.headAt(t)))
    if (roles.some((role) => mayReceive(name, role))) return []
    const detail = `${attempt.attempt} received ${String(seq)} (${name}), which its role may not`
    return [{ invariant: 'I11', detail }]
  })
}
