import { quantile } from '../../../e2e/rig/statistics.js'
import type { Database } from '../../../src/storage/database.js'
import { createPostgres } from '../../../src/storage/postgres.js'
import { fleetOf, greetingsOf } from '../../speed/subjects/subject.js'
import { startUzima } from '../../speed/subjects/uzima.js'
import { fullCostOf } from '../cost.js'
import { drive, expectAllIn } from '../drive.js'
import { grow, type GrowthFigure } from '../growth.js'

/** Few, so that neither they nor the writing to them is the limit: `clients` tells of those. */
const CLIENTS = 100
const WRITERS = 8
/** Up to so many a second hardly one waits for another: their COMMITs tell what one takes alone. */
const CALM = 30
/** Of those that were asked for. */
const ARRIVING = 0.9

/** What a node, and its PostgreSQL, take for so many changes a second, each a commit of its own, and when they are on the screens. */
export const rates: GrowthFigure = {
  name: 'rates',
  run: async ({ world, pick }) => {
    const perSeconds = pick([1, 3, 10, 30, 100, 200, 300, 400, 600, 1_000], [10, 100])
    const seconds = pick(6, 2)
    const reached = grow(
      'reached',
      'changes/s that reached everybody',
      '1/s',
      'changes/s asked for',
      'line',
    )
    const perSecond = (key: string, what: string) =>
      grow(key, `${what} a second, while all arrive`, 'ms', 'changes/s', 'line')
    const node = perSecond('nodeMs', 'CPU of the node')
    const postgres = perSecond('postgresMs', 'CPU of PostgreSQL')
    const load = perSecond('loadMs', 'CPU of writers and clients')
    const commit = grow('commitMs', 'COMMIT, p50', 'ms', 'changes/s', 'power')
    const p50 = grow('p50', 'COMMIT to screen, p50', 'ms', 'changes/s', 'power')
    const p99 = grow('p99', 'COMMIT to screen, p99', 'ms', 'changes/s', 'power')

    await using uzima = await startUzima(world)
    const database = createPostgres({
      url: uzima.databaseUrl,
      poolSize: WRITERS,
      onError: () => undefined,
    })
    const fleet = fleetOf(uzima)
    await fleet.open(CLIENTS, 50, greetingsOf(world, uzima))
    await expectAllIn(fleet)
    await drive({ database, fleets: [fleet], perSecond: 100, count: pick(500, 100) })
    const empty = await emptyCommits(database)
    let calm: readonly number[] = []
    for (const asked of perSeconds) {
      const count = Math.min(2_000, Math.max(10, asked * seconds))
      let driven: Awaited<ReturnType<typeof drive>> | undefined
      const cost = await fullCostOf(uzima.pid, world.postgresPid, async () => {
        driven = await drive({ database, fleets: [fleet], perSecond: asked, count })
      })
      const { times = [], commits = [], reachedPerSecond = 0 } = driven ?? {}
      if (asked <= CALM) calm = commits
      reached.add(asked, reachedPerSecond)
      commit.add(asked, quantile(commits, 0.5))
      p50.add(asked, quantile(times, 0.5))
      p99.add(asked, quantile(times, 0.99))
      // Beyond the knee no more is done than at it.
      if (reachedPerSecond < ARRIVING * asked) continue
      node.add(asked, (cost.cpuSeconds * 1_000) / cost.seconds)
      postgres.add(asked, (cost.postgresSeconds * 1_000) / cost.seconds)
      load.add(asked, (cost.loadSeconds * 1_000) / cost.seconds)
    }
    await fleet.close()
    await database.close()
    const growths = [reached, node, postgres, load, commit, p50, p99].map((one) => one.growth())
    return {
      growths,
      findings: [],
      raw: { clients: CLIENTS, writers: WRITERS, seconds, empty, calm },
    }
  },
}

/** Milliseconds that COMMIT takes where there is nothing to number: the disk, and the way there and back. */
const emptyCommits = async (database: Database): Promise<number[]> => {
  const times: number[] = []
  for (let time = 0; time < 50; time += 1) {
    let from = 0
    await database.transaction(async (tx) => {
      await tx.query(`select pg_logical_emit_message(true, 'probe', '')`)
      from = performance.now()
    })
    times.push(performance.now() - from)
  }
  return times
}
