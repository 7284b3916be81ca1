import type { Rig } from '../frame/rig.js'
import { severListeners, silenceListeners } from '../frame/listeners.js'

/** A way in which nodes miss that something was committed. */
export interface Condition {
  readonly name: string
  readonly goal: string
  readonly goalMs: { readonly p99?: number; readonly max?: number }
  /** Brings it about; resolves to what ends it. */
  readonly begin: (rig: Rig) => Promise<() => Promise<unknown>>
}

export const CONDITIONS: readonly Condition[] = [
  {
    name: 'healthy',
    goal: 'p99 < 30 ms',
    goalMs: { p99: 30 },
    begin: () => Promise.resolve(() => Promise.resolve()),
  },
  {
    name: 'Redis killed (-9)',
    goal: 'p99 < 500 ms',
    goalMs: { p99: 500 },
    begin: async ({ redis }) => {
      await redis.kill9()
      return () => redis.restart()
    },
  },
  {
    name: 'listening backends terminated each 20 ms',
    goal: '<= 2 s',
    goalMs: { max: 2_000 },
    begin: ({ database }) => Promise.resolve(severListeners(database, 20)),
  },
  {
    name: 'listening backends stopped: connections stay open, nothing comes',
    goal: '<= 2 s',
    goalMs: { max: 2_000 },
    begin: ({ database }) => silenceListeners(database),
  },
  {
    name: 'the same, and Redis killed (-9)',
    goal: '<= 2 s',
    goalMs: { max: 2_000 },
    begin: async ({ database, redis }) => {
      const letGo = await silenceListeners(database)
      await redis.kill9()
      return async () => {
        await letGo()
        await redis.restart()
      }
    },
  },
]
