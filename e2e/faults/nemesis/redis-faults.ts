import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { pause } from '../workload/pace.js'
import { inRedis, noPid, type FaultDefinition } from './definition.js'

type Command = readonly [name: string, ...args: string[]]

const CUT_ALL: readonly Command[] = [
  ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'],
  ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
]

/** A Redis that answers and does not serve: `worsen` makes it so, `heal` takes it back. */
const redisState = (worsen: readonly Command[], heal: readonly Command[]): FaultDefinition => ({
  affects: ['redis'],
  target: inRedis,
  pids: noPid,
  run: async ({ rig, fault }) => {
    // One connection for both: who comes later may not be let in.
    const redis = new Redis(rig.redis.url, { maxRetriesPerRequest: 3 })
    redis.on('error', () => undefined)
    const all = async (commands: readonly Command[]): Promise<void> => {
      for (const [name, ...args] of commands) await redis.call(name, ...args)
    }
    try {
      await all(worsen)
      await pause(fault.durationMs)
      await all(heal)
    } finally {
      redis.disconnect()
    }
  },
})

/** The states of a Redis that is there and of no use. */
export const REDIS_FAULTS = {
  // A primary that does not exist: what it was told before, it still serves.
  'redis-read-only': redisState([['REPLICAOF', '127.0.0.1', '1']], [['REPLICAOF', 'NO', 'ONE']]),
  'redis-full': redisState(
    [['CONFIG', 'SET', 'maxmemory', '1']],
    [['CONFIG', 'SET', 'maxmemory', '0']],
  ),
  'redis-password': redisState(
    [['CONFIG', 'SET', 'requirepass', randomBytes(12).toString('hex')], ...CUT_ALL],
    [['CONFIG', 'SET', 'requirepass', '']],
  ),
  'redis-no-publish': redisState(
    [['ACL', 'SETUSER', 'default', '-publish']],
    [['ACL', 'SETUSER', 'default', '+publish']],
  ),
  'redis-no-sorted-sets': redisState(
    [['ACL', 'SETUSER', 'default', '-@sortedset']],
    [['ACL', 'SETUSER', 'default', '+@sortedset']],
  ),
  'redis-flushed': redisState([['FLUSHALL']], []),
} as const satisfies Record<string, FaultDefinition>
