import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../../../e2e/rig/statistics.js'
import { cpuSeconds } from '../../../e2e/rig/machine.js'
import { createPostgres } from '../../../src/storage/postgres.js'
import { startRedis } from '../../../test/support/redis-server.js'
import { DIALECTS } from '../../speed/load/dialect.js'
import { createFleet } from '../../speed/load/fleet.js'
import { greetingsOf } from '../../speed/subjects/subject.js'
import { startNode, startUzima, type RunningNode } from '../../speed/subjects/uzima.js'
import { drive, expectAllIn } from '../drive.js'
import { grow, type GrowthFigure } from '../growth.js'
import { postgresSeconds } from '../postgres-cost.js'

const CLIENTS_EACH = 50
const WRITERS = 8
const RATES = [20, 100, 200, 300]

/** What one node more costs: itself, and PostgreSQL, which each node asks for each entry; all nodes share one core here. */
export const nodes: GrowthFigure = {
  name: 'nodes',
  run: async ({ world, pick }) => {
    const [counts, rates] = [pick([1, 2, 3], [1, 2]), pick(RATES, [20])]
    const [seconds, idleMs] = [pick(2, 2), pick(5_000, 2_000)]
    const rounds = Array.from({ length: pick(3, 1) })
    const named = (key: string, what: string, unit: string) =>
      grow(key, what, unit, 'nodes', 'line')
    const idleNode = named('idleNodeMs', 'CPU of a node a second, nothing happens', 'ms')
    const idlePostgres = named(
      'idlePostgresMs',
      'CPU of PostgreSQL a second, nothing happens',
      'ms',
    )
    const idleRedis = named('idleRedisMs', 'CPU of Redis a second, nothing happens', 'ms')
    const sessions = named('sessions', 'connections to PostgreSQL', '')
    const at = rates.map((perSecond) => {
      const load = `${String(perSecond)} changes/s`
      return {
        perSecond,
        node: named(`nodeMs@${String(perSecond)}`, `CPU of a node per change, ${load}`, 'ms'),
        postgres: named(
          `postgresMs@${String(perSecond)}`,
          `CPU of PostgreSQL per change, ${load}`,
          'ms',
        ),
        commit: named(`commitMs@${String(perSecond)}`, `COMMIT, p50, ${load}`, 'ms'),
        p50: named(`p50@${String(perSecond)}`, `COMMIT to screen, p50, ${load}`, 'ms'),
        p99: named(`p99@${String(perSecond)}`, `COMMIT to screen, p99, ${load}`, 'ms'),
      }
    })

    await using redis = await startRedis()
    const settings = { REDIS_URL: redis.url }
    await using first = await startUzima(world, settings)
    const running: RunningNode[] = [first]
    const database = createPostgres({
      url: first.databaseUrl,
      poolSize: WRITERS,
      onError: () => undefined,
    })
    const stop = async (): Promise<void> => {
      for (const node of running.slice(1)) await node[Symbol.asyncDispose]()
      await database.close()
    }
    const greetings = greetingsOf(world, first)
    const measure = async (count: number): Promise<void> => {
      if (running.length < count) {
        running.push(await startNode(world, { DATABASE_URL: first.databaseUrl, ...settings }))
      }
      const pids = running.map(({ pid }) => pid)
      const fleets = running.map(({ port }) => createFleet(port, DIALECTS.socketIoConnected))
      for (const fleet of fleets) {
        await fleet.open(CLIENTS_EACH, 50, greetings)
        await expectAllIn(fleet)
      }
      // A new node is slow at first.
      await drive({ database, fleets, perSecond: 100, count: pick(300, 100) })
      const readCpu = () => ({
        nodes: cpuSeconds(pids),
        postgres: postgresSeconds(world.postgresPid),
        redis: cpuSeconds([redis.pid()]),
      })
      const idleFrom = readCpu()
      await delay(idleMs)
      const idleTo = readCpu()
      idleNode.add(count, ((idleTo.nodes - idleFrom.nodes) * 1e6) / idleMs / count)
      idlePostgres.add(count, ((idleTo.postgres - idleFrom.postgres) * 1e6) / idleMs)
      idleRedis.add(count, ((idleTo.redis - idleFrom.redis) * 1e6) / idleMs)
      const [seen] = await database.query<{ sessions: number }>(
        `select count(*)::integer as sessions from pg_stat_activity
          where datname = current_database() and application_name = 'uzima-realtime'`,
      )
      sessions.add(count, seen?.sessions ?? Number.NaN)
      for (const { perSecond, node, postgres, commit, p50, p99 } of rounds.flatMap(() => at)) {
        const changes = perSecond * seconds
        const from = readCpu()
        const driven = await drive({ database, fleets, perSecond, count: changes })
        const to = readCpu()
        node.add(count, ((to.nodes - from.nodes) * 1_000) / changes / count)
        postgres.add(count, ((to.postgres - from.postgres) * 1_000) / changes)
        commit.add(count, quantile(driven.commits, 0.5))
        p50.add(count, quantile(driven.times, 0.5))
        p99.add(count, quantile(driven.times, 0.99))
      }
      for (const fleet of fleets) await fleet.close()
    }
    try {
      for (const count of counts) await measure(count)
    } finally {
      await stop()
    }
    const growths = [
      ...[idleNode, idlePostgres, idleRedis, sessions],
      ...at.flatMap(({ node, postgres, commit, p50, p99 }) => [node, postgres, commit, p50, p99]),
    ].map((one) => one.growth())
    return { growths, findings: [], raw: { clientsEach: CLIENTS_EACH, writers: WRITERS, seconds } }
  },
}
