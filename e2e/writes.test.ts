import { expect, it } from 'vitest'
import { createTestDatabase } from '../test/support/world.js'
import { runSchedules } from './writes/run.js'
import { startWorld } from './writes/world.js'

const asked = process.env['UZIMA_WRITE_SCHEDULES']
const count = Number(asked ?? '120')
const firstSeed = Number(process.env['UZIMA_WRITE_SEED'] ?? '1')

it(
  'loses no movement, books none twice and none under a wrong name, whatever happens to device, network and rights',
  async () => {
    await using database = await createTestDatabase()
    const world = await startWorld(database, database.url ?? '')
    try {
      const { faults, ...counts } = await runSchedules(world, { count, firstSeed })
      if (asked !== undefined) console.log({ schedules: count, firstSeed, ...counts })
      expect(faults).toEqual([])
      // Schedules in which nothing is booked, or nothing refused, would show nothing.
      expect(counts.booked).toBeGreaterThan(count / 2)
      expect(counts.refused).toBeGreaterThan(count / 20)
    } finally {
      await world.stop()
    }
  },
  Math.max(120_000, count * 1_000),
)
