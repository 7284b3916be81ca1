import { cpuSeconds } from '../../e2e/rig/machine.js'
import type { Rig } from '../frame/rig.js'
import { postgresSeconds } from '../growth/postgres-cost.js'

/** Seconds of CPU by process. */
export type Load = Readonly<Record<string, number>>

/** What each process of the rig, and this one with its clients, has used so far. */
export const currentLoad = ({ nodes, postgres, redis }: Rig): Load => {
  const own = process.cpuUsage()
  return {
    ...Object.fromEntries(
      nodes.map(({ pid }, node) => [`node ${String(node + 1)}`, cpuSeconds([pid])]),
    ),
    'PostgreSQL, all its processes': postgresSeconds(postgres.pid()),
    Redis: cpuSeconds([redis.pid()]),
    'the clients and writers, one process': (own.user + own.system) / 1e6,
  }
}

/** Cores in use between two of them. One that ended meanwhile shows 0. */
export const coresOf = (before: Load, after: Load, seconds: number): Load =>
  Object.fromEntries(
    Object.entries(after).map(([name, used]) => [
      name,
      Math.max(0, used - (before[name] ?? 0)) / seconds,
    ]),
  )
