import type { Random } from '../../rig/random.js'

/** The faults, by the numbers of the plan in the report. */
export const FAULT_KINDS = {
  'node-kill': 'F1 node kill -9',
  'rolling-restart': 'F2 rolling restart by SIGTERM',
  'redis-kill': 'F3 Redis kill -9, back after 2 s',
  'redis-stop': 'F4 Redis stopped',
  'redis-down': 'F5 Redis down for long',
  'pubsub-drop': 'F6 pub/sub connections killed',
  'backend-kill': 'F7 PostgreSQL backend kill -9',
  'postmaster-kill': 'F8 postmaster kill -9',
  'postgres-stop': 'F9 PostgreSQL stopped',
  'listener-kill': 'F9 LISTEN connections ended',
  'head-locked': 'F10 head row locked 5 s',
  'clients-cut': 'F11 client connections reset, some inside a frame',
  'blackhole-postgres': 'F12 node to PostgreSQL swallowed',
  'blackhole-redis': 'F12 node to Redis swallowed',
  'blackhole-clients': 'F12 clients to node swallowed',
  'node-stop': 'F13 node stopped while a user of it is revoked',
  'clock-skew': 'F14 clock of a node stepped by 10 minutes',
  'slow-postgres': 'F15 node to PostgreSQL delayed unevenly',
  'node-pause-short': 'C1 node stopped for 4 s, users dismissed meanwhile',
  'node-pause-long': 'C2 node stopped for 20 s, users dismissed meanwhile',
  'node-term-twice': 'C3 node told twice to end',
  'postgres-cut': 'C4 PostgreSQL refuses all connections',
  'postgres-stall': 'C5 PostgreSQL hangs for all nodes',
  'postgres-lost': 'C6 one node without PostgreSQL for more than AUTH_CLOSE_AFTER_MS',
  'postgres-read-only': 'C7 the database turns read-only',
  'postgres-fail-over': 'C8 PostgreSQL kill -9, its standby is promoted',
  'redis-read-only': 'C9 Redis is a replica without a primary',
  'redis-full': 'C10 memory of Redis is full',
  'redis-password': 'C11 Redis wants another password',
  'redis-no-publish': 'C12 Redis lets nobody publish',
  'redis-no-sorted-sets': 'C13 Redis refuses sorted sets',
  'redis-flushed': 'C14 Redis is emptied',
  'flood-reads': 'C15 300 reads of one user at a time',
  'flood-handshakes': 'C16 handshakes with bad tokens',
  'flood-frames': 'C17 pongs and pings',
  'flood-log-ins': 'C18 guesses at the password of one account from many addresses',
} as const
export type FaultKind = keyof typeof FAULT_KINDS

export interface PlannedFault {
  readonly id: number
  readonly kind: FaultKind
  /** Which node, where it hits one. */
  readonly node: number
  readonly durationMs: number
  /** Rest before the fault. */
  readonly restMs: number
}

/** Each once in a round of the chaos run: nodes, PostgreSQL, Redis in each of its states, floods. */
const CHAOS: readonly FaultKind[] = [
  'node-kill',
  'node-pause-short',
  'node-pause-short',
  'node-pause-long',
  'node-term-twice',
  'clients-cut',
  'postgres-cut',
  'postgres-stall',
  'blackhole-postgres',
  'postmaster-kill',
  'postgres-read-only',
  'postgres-fail-over',
  'postgres-fail-over',
  'redis-down',
  'redis-stop',
  'redis-kill',
  'redis-read-only',
  'redis-full',
  'redis-password',
  'redis-no-publish',
  'redis-no-sorted-sets',
  'redis-flushed',
  'flood-reads',
  'flood-handshakes',
  'flood-frames',
  'flood-log-ins',
]
/** Takes as long as ten others, so it comes once in so many rounds. */
const LOST_EVERY_ROUNDS = 3

/** How often each comes in a run of 50. */
const MIX: readonly (readonly [FaultKind, number])[] = [
  ['node-kill', 8],
  ['rolling-restart', 3],
  ['redis-kill', 4],
  ['redis-stop', 3],
  ['redis-down', 2],
  ['pubsub-drop', 4],
  ['backend-kill', 4],
  ['postmaster-kill', 3],
  ['postgres-stop', 2],
  ['listener-kill', 1],
  ['head-locked', 2],
  ['clients-cut', 4],
  ['blackhole-postgres', 2],
  ['blackhole-redis', 1],
  ['blackhole-clients', 1],
  ['node-stop', 2],
  ['clock-skew', 2],
  ['slow-postgres', 2],
]

const LASTS_MS: Partial<Record<FaultKind, number>> = {
  'node-kill': 1_000,
  'redis-kill': 2_000,
  'redis-stop': 10_000,
  'redis-down': 30_000,
  'pubsub-drop': 500,
  'postgres-stop': 10_000,
  'head-locked': 5_000,
  'clients-cut': 1_500,
  'blackhole-postgres': 15_000,
  'blackhole-redis': 15_000,
  'blackhole-clients': 15_000,
  'node-stop': 15_000,
  'clock-skew': 12_000,
  'slow-postgres': 5_000,
  'node-pause-short': 4_000,
  'node-pause-long': 20_000,
  'postgres-cut': 12_000,
  'postgres-stall': 15_000,
  'postgres-lost': 100_000,
  'postgres-read-only': 6_000,
  'postgres-fail-over': 2_000,
  'redis-read-only': 6_000,
  'redis-full': 6_000,
  'redis-password': 6_000,
  'redis-no-publish': 6_000,
  'redis-no-sorted-sets': 6_000,
  'redis-flushed': 2_000,
  'flood-reads': 6_000,
  'flood-handshakes': 6_000,
  'flood-frames': 6_000,
  'flood-log-ins': 12_000,
}

/** The six of the quick run: a killed node, broker and database, cut clients, a node cut off, a node that sleeps. */
const SHORT: readonly FaultKind[] = [
  'node-kill',
  'redis-kill',
  'clients-cut',
  'postmaster-kill',
  'blackhole-postgres',
  'node-stop',
]
const SHORT_LASTS_MS = 6_000

export interface ScheduleOptions {
  readonly count: number
  readonly nodeCount: number
  readonly short: boolean
  readonly only?: readonly FaultKind[] | undefined
  /** Kinds that are left out of the mix. */
  readonly without?: readonly FaultKind[]
}

/** The faults of a run, in order: a pure function of the random stream. */
export const planFaults = (random: Random, options: ScheduleOptions): PlannedFault[] => {
  const { count, nodeCount, short, only, without = [] } = options
  const mix = short ? SHORT : MIX.flatMap(([kind, n]) => repeated(kind, n))
  const kinds = only ?? mix.filter((kind) => !without.includes(kind))
  const order: FaultKind[] = []
  while (order.length < count) order.push(...random.shuffled(kinds))
  return order.slice(0, count).map((kind, index) => ({
    id: index + 1,
    kind,
    node: random.int(0, nodeCount - 1),
    durationMs: short
      ? Math.min(LASTS_MS[kind] ?? 0, SHORT_LASTS_MS)
      : Math.round((LASTS_MS[kind] ?? 0) * (0.7 + 0.6 * random.next())),
    restMs: random.int(2_500, 5_500),
  }))
}

/** More faults than a chaos run of so many minutes has time for; whoever runs them stops when it is over. */
export const planChaos = (
  random: Random,
  options: {
    readonly minutes: number
    readonly nodeCount: number
    readonly only?: readonly FaultKind[] | undefined
  },
): PlannedFault[] => {
  // None takes less than 3 s with its rest.
  const count = Math.ceil(options.minutes * 20)
  const planned: FaultKind[] = []
  for (let round = 1; planned.length < count; round += 1) {
    const lost: FaultKind[] = round % LOST_EVERY_ROUNDS === 0 ? ['postgres-lost'] : []
    planned.push(...random.shuffled(options.only ?? [...CHAOS, ...lost]))
  }
  return planned.slice(0, count).map((kind, index) => ({
    id: index + 1,
    kind,
    node: random.int(0, options.nodeCount - 1),
    durationMs: Math.round((LASTS_MS[kind] ?? 0) * (0.8 + 0.4 * random.next())),
    restMs: random.int(1_500, 4_000),
  }))
}

const repeated = (kind: FaultKind, times: number): FaultKind[] =>
  Array.from({ length: times }, () => kind)
