import type { HistoryRecord } from '../history.js'
import { factsOf, type AttemptFacts, type Facts, type OpOf } from './facts.js'
import { withRecords, type Evidence, type Mutator } from './mutation.js'

/** A fault, or its aftermath, excuses what is this near to it. */
const FAR_MS = 60_000
/** By then each node knows that a user is back. */
const BACK_FOR_MS = 3_000

type Choice = (one: AttemptFacts & { connected: OpOf<'connected'> }, facts: Facts) => boolean

/** The last attempt that was let in and is `chosen`. */
const lastOf = (evidence: Evidence, chosen: Choice): AttemptFacts['connected'] => {
  const facts = factsOf(evidence.history, evidence.dump)
  return [...facts.attempts.values()].findLast(
    (one) =>
      isLetIn(one) &&
      one.attempt.kind !== 'slow' &&
      one.attempt.userId !== null &&
      chosen(one, facts),
  )?.connected
}

const isLetIn = (one: AttemptFacts): one is AttemptFacts & { connected: OpOf<'connected'> } =>
  one.connected !== undefined

/** While nothing was broken, of a user whose rights nobody ever took. */
const somebody: Choice = ({ attempt, connected: { t } }, { rights, faults, exits }) => {
  const { ends = [], absences = [] } = rights.get(attempt.userId ?? '') ?? {}
  return (
    ends.length + absences.length === 0 &&
    faults.every(({ start, end }) => t < start || t > end + FAR_MS) &&
    exits.every((exit) => Math.abs(exit.t - t) > FAR_MS / 10)
  )
}

/** Of a user who had not been active, came back, and from then on was left alone until he was let in. */
const backAgain: Choice = ({ attempt: { userId, tokenAt }, connected: { t } }, { rights }) => {
  const { ends = [], absences = [] } = rights.get(userId ?? '') ?? {}
  const back = absences.findLast(([from]) => from < t)?.[1] ?? Number.POSITIVE_INFINITY
  return (
    back < (tokenAt ?? 0) &&
    back < t - BACK_FOR_MS &&
    ends.every((at) => at < back || at > t + BACK_FOR_MS)
  )
}

/** Puts a record of the chosen one right behind his `connected`. */
const hears =
  (
    record: (of: { client: string; attempt: string; t: number }) => HistoryRecord,
    chosen: Choice = somebody,
  ) =>
  (evidence: Evidence): Evidence | undefined => {
    const connected = lastOf(evidence, chosen)
    if (connected === undefined) return undefined
    const { client, attempt, t } = connected
    return withRecords(evidence, (records) =>
      records.toSpliced(records.indexOf(connected) + 1, 0, record({ client, attempt, t })),
    )
  }

const also =
  (...more: readonly HistoryRecord[]) =>
  (evidence: Evidence): Evidence =>
    withRecords(evidence, (records) => [...records, ...more])

/** Lies about what the chaos run is for. */
export const CHAOS_MUTATORS: readonly Mutator[] = [
  {
    name: 'a session with a good right is closed as stale',
    invariant: 'I19',
    mutate: hears((of) => ({ ...of, op: 'closing', code: 'AUTH_STALE' })),
  },
  {
    name: 'a session with a good right is closed as revoked',
    invariant: 'I19',
    mutate: hears((of) => ({ ...of, op: 'closing', code: 'AUTH_SESSION_REVOKED' })),
  },
  {
    name: 'a session ends without a word while nothing is broken',
    invariant: 'I19',
    mutate: hears((of) => ({ ...of, op: 'disconnected', reason: 'closed' })),
  },
  {
    name: 'a good token is refused for good',
    invariant: 'I19',
    mutate: hears((of) => ({ ...of, op: 'refused', code: 'AUTH_USER_INACTIVE' })),
  },
  {
    name: 'a user who has long been active again is refused as inactive',
    invariant: 'I19',
    mutate: hears((of) => ({ ...of, op: 'refused', code: 'AUTH_USER_INACTIVE' }), backAgain),
  },
  {
    name: 'a session is closed for a right that had ended before its token was made',
    invariant: 'I19',
    mutate: hears((of) => ({ ...of, op: 'closing', code: 'AUTH_SESSION_REVOKED' }), backAgain),
  },
  {
    name: 'a client is left behind by a fault',
    invariant: 'I20',
    mutate: also({
      t: 1,
      op: 'recovered',
      id: 1,
      afterMs: 90_000,
      notReady: [],
      behind: ['raw-1'],
    }),
  },
  {
    name: 'the world is long in coming back',
    invariant: 'I20',
    mutate: also({ t: 1, op: 'recovered', id: 1, afterMs: 80_000, notReady: [], behind: [] }),
  },
  {
    name: 'a node that is cut off from PostgreSQL lets somebody in',
    invariant: 'I21',
    mutate(evidence) {
      const connected = lastOf(evidence, somebody)
      if (connected === undefined) return undefined
      const fault = {
        op: 'fault',
        id: -1,
        kind: 'postgres-stall',
        target: 'postgres',
        pids: [],
        affects: ['postgres'],
      } as const
      return also(
        { ...fault, t: connected.t - 10_000, phase: 'start' },
        { ...fault, t: connected.t + 1_000, phase: 'end' },
      )(evidence)
    },
  },
  {
    name: 'a right password is refused',
    invariant: 'I22',
    mutate: also({ t: 1, op: 'log-in', who: 'owner', node: 'n1', status: 429, tookMs: 5 }),
  },
  {
    name: 'a log-in is answered 500',
    invariant: 'I23',
    mutate: also({ t: 1, op: 'log-in', who: 'newcomer', node: 'n1', status: 500, tookMs: 5 }),
  },
  {
    name: 'a second SIGTERM kills a node',
    invariant: 'I16',
    mutate: also({
      t: 1,
      op: 'exit',
      node: 'n1',
      pid: 1,
      planned: true,
      code: null,
      signal: 'SIGTERM',
    }),
  },
]
