import { checkRun, type Counts } from './check.js'
import { runSchedule } from './schedule.js'
import type { World } from './world.js'

/** How many schedules go on at once. */
const AT_ONCE = 8

/** Runs the schedules `firstSeed`, `firstSeed + 1`, ... and adds up what they have come to. */
export const runSchedules = async (
  world: World,
  { count, firstSeed }: { readonly count: number; readonly firstSeed: number },
): Promise<Counts> => {
  const all: Counts[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      const seed = firstSeed + next
      next += 1
      const run = await runSchedule(world, seed)
      const counts = await checkRun(world.database, run).finally(() => run.device.close())
      all.push({
        ...counts,
        faults: counts.faults.map((fault) => `seed ${String(seed)}: ${fault}`),
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const sum = (of: (counts: Counts) => number): number =>
    all.reduce((total, counts) => total + of(counts), 0)
  return {
    intentions: sum(({ intentions }) => intentions),
    kept: sum(({ kept }) => kept),
    booked: sum(({ booked }) => booked),
    refused: sum(({ refused }) => refused),
    repeats: sum(({ repeats }) => repeats),
    faults: all.flatMap(({ faults }) => faults),
  }
}
