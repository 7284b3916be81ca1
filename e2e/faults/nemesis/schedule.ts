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

const repeated = (kind: FaultKind, times: number): FaultKind[] =>
  Array.from({ length: times }, () => kind)
