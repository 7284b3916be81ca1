import { setTimeout as delay } from 'node:timers/promises'
import { grouped } from '../../../e2e/rig/statistics.js'
import { addUsers } from '../../../e2e/rig/users.js'
import { startPostgres } from '../../../test/support/postgres-server.js'
import type { Finding } from '../../frame/figure.js'
import type { SpeedFigure } from '../figure.js'
import { createFleet } from '../load/fleet.js'
import { collect, costOf } from '../samples.js'
import { startNode, startUzima } from '../subjects/uzima.js'
import { badGreetings } from './refusal.js'

const AT_ONCE = 200
/** Users who lose their right while the others come back. */
const REVOKED = 100
/** Share of the sockets that may be a question to the database. */
const SHARE = 0.05
const AFTERWARDS_MS = 1_500

/**
 * Everybody comes at once: with valid, expired and forged tokens, to a node that knows nobody and to one that knows all, and
 * what a deploy asks of the database. Each socket is of a user of its own, which is the worst there is.
 */
export const storm: SpeedFigure = {
  name: 'storm',
  run: async ({ world, pick }) => {
    const sockets = pick(10_000, 1_000)
    await using postgres = await startPostgres({
      fsync: true,
      settings: { shared_preload_libraries: 'pg_stat_statements' },
    })
    const own = { ...world, createDatabase: () => Promise.resolve(postgres.url()) }
    await using first = await startUzima(own)
    const { database, dialect, name } = first
    await database.query('create extension pg_stat_statements')
    const userIds = await addUsers(database, sockets, 'pharmacist')
    const greetings = userIds.map((userId) => dialect.greetingFor(world.tokenFor(userId)))
    const revoked = userIds.slice(-REVOKED)

    const of = grouped(sockets)
    const rate = collect(`${of} sockets at once`, '1/s', 'more', true)
    const cpu = collect(`CPU of the server per socket, ${of} at once`, 'ms', 'less', true)
    const asked = collect(`statements of ${of} sockets`, '1', 'less', true)
    const fleet = createFleet(first.port, dialect)

    /** Opens all; resolves to how many are in, and to what the database was asked meanwhile. */
    const come = async (
      kind: string,
      words: readonly Buffer[],
      { pid, into = fleet }: { readonly pid: number; readonly into?: typeof fleet },
    ) => {
      await database.query('select pg_stat_statements_reset()')
      let seconds = 0
      const cost = await costOf(pid, async () => {
        const from = performance.now()
        await into.open(sockets, AT_ONCE, words)
        seconds = (performance.now() - from) / 1_000
        // What is written down afterwards.
        await delay(AFTERWARDS_MS)
      })
      const [counted] = await database.query<{ all: number; lookUps: number }>(
        `select sum(calls)::integer as all,
           coalesce(sum(calls) filter (where query like '%"liveSessionIds"%from users%'), 0)::integer as "lookUps"
         from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())`,
      )
      rate.add(kind, sockets / seconds)
      cpu.add(kind, (cost.cpuSeconds * 1_000) / sockets)
      asked.add(kind, counted?.all ?? Number.NaN)
      asked.add(`${kind}: look-ups of users`, counted?.lookUps ?? Number.NaN)
      return { kind, admitted: into.count('in'), statements: counted?.all ?? Number.NaN }
    }

    const findings: Finding[] = []
    const expectAll = (admitted: number, wanted: number, kind: string): void => {
      if (admitted !== wanted) throw new Error(`${String(admitted)} of ${of} are in: ${kind}.`)
    }
    for (const warmth of ['cold', 'warm']) {
      for (const kind of ['forged', 'expired'] as const) {
        const words = badGreetings(world, { dialect, userIds }, kind, sockets)
        const refused = await come(`${kind}, ${warmth}`, words, first)
        expectAll(refused.admitted, 0, refused.kind)
        await fleet.close()
      }
      const valid = await come(`valid, ${warmth}`, greetings, first)
      expectAll(valid.admitted, sockets, valid.kind)
      if (warmth === 'cold') await fleet.close()
    }

    // The old node ends under all of them, and the new one knows nobody.
    await using next = await startNode(world, { DATABASE_URL: postgres.url() })
    await fleet.close()
    const nextFleet = createFleet(next.port, dialect)
    const revoking = delay(200).then(() =>
      database.query(`update users set is_active = false where id = any ($1::uuid[])`, [revoked]),
    )
    const deploy = await come('deploy: a new node', greetings, { pid: next.pid, into: nextFleet })
    await revoking
    findings.push(
      {
        figure: `a deploy under ${of} sockets, each of another user: statements that the database is asked, all of them`,
        goal: `<= ${grouped(sockets * SHARE)}`,
        measured: grouped(deploy.statements),
        met: deploy.statements <= sockets * SHARE,
      },
      {
        figure: `of ${String(REVOKED)} users who lost their right while all came back, still in`,
        goal: '0',
        measured: String(deploy.admitted - (sockets - REVOKED)),
        met: deploy.admitted === sockets - REVOKED,
      },
    )
    await nextFleet.close()
    return {
      comparisons: [rate, cpu, asked].map((one) => one.comparison()),
      findings,
      raw: { sockets, name },
    }
  },
}
