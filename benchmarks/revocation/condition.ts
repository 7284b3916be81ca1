import { startProgram } from '../../test/support/program.js'
import type { Rig } from '../frame/rig.js'

/** What happens to the rig while rights end. */
export interface Condition {
  readonly name: string
  readonly told: string
  readonly revocations: number
  /** Brings it about, at the beginning or midway; resolves to what ends it. */
  readonly begin: (rig: Rig) => Promise<() => Promise<void>>
  readonly isMidway: boolean
}

const BUSY_PROCESSES = 2

export const CONDITIONS: readonly Condition[] = [
  {
    name: 'healthy',
    told: 'all is well',
    revocations: 1_000,
    isMidway: false,
    begin: () => Promise.resolve(() => Promise.resolve()),
  },
  {
    name: 'redis',
    told: 'Redis killed (-9) after half of them, and gone from there',
    revocations: 250,
    isMidway: true,
    begin: async ({ redis }) => {
      await redis.kill9()
      return redis.restart
    },
  },
  {
    name: 'busy',
    told: `${String(BUSY_PROCESSES)} other processes compute without end`,
    revocations: 250,
    isMidway: false,
    begin: async () => {
      const busy = await Promise.all(
        Array.from({ length: BUSY_PROCESSES }, () => startProgram(['-e', 'for (;;);'])),
      )
      return async () => {
        await Promise.all(busy.map(({ kill9 }) => kill9()))
      }
    },
  },
]
