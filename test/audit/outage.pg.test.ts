import { describe, expect } from 'vitest'
import { verifyChain } from '../../src/audit/verify.js'
import { migrate } from '../../src/storage/migrate.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { startPostgres } from '../support/postgres-server.js'
import { itPostgresOnly } from '../support/world.js'
import { anAttempt, openLog } from './fixtures.js'

describe('the connection log', () => {
  itPostgresOnly('kills a server')(
    'has one row for each attempt after the server was killed three times',
    async () => {
      await using server = await startPostgres()
      const database = createPostgres({ url: server.url(), onError: () => undefined })
      try {
        await migrate(database)
        await using world = openLog(database, { maxBatch: 20 })
        let recorded = 0
        const recordUntil = async (condition: () => boolean) => {
          while (!condition()) {
            world.log.record(anAttempt({ userId: recorded.toString() }))
            recorded += 1
            await new Promise(setImmediate)
          }
        }
        for (let kill = 1; kill <= 3; kill += 1) {
          const written = () => recorded - world.log.queued()
          const before = written()
          await recordUntil(() => written() > before + 500)
          const killed = server.kill9()
          const failures = countFailures(world.text())
          await recordUntil(() => countFailures(world.text()) > failures)
          await killed
          await server.restart()
        }
        await world.log.flush()

        const rows = await database.query<{ rows: number; different: number }>(
          'select count(*)::integer as rows, count(distinct user_id)::integer as different from connection_log',
        )
        expect(rows).toEqual([{ rows: recorded, different: recorded }])
        expect(await verifyChain(database)).toEqual({
          holds: true,
          rows: recorded,
          runs: 1,
          withheld: 0,
          linkedOnly: 0,
        })
        expect(world.log.canAdmit()).toBe(true)
      } finally {
        await database.close()
      }
    },
  )
})

const countFailures = (text: string): number => text.split('cannot be written').length - 1
