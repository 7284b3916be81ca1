import { setTimeout as delay } from 'node:timers/promises'
import { verifyChain } from '../../src/audit/verify.js'
import type { Database } from '../../src/storage/database.js'
import { createAttempter, type AttemptKind, type Tried } from './attempter.js'
import type { Finding } from '../frame/figure.js'
import type { SecurityContext, SecurityFigure } from './figure.js'
import type { Rig } from '../frame/rig.js'
import { grouped } from '../../e2e/rig/statistics.js'
import { mapAtOnce, waitUntil } from '../../e2e/rig/timing.js'

const PREFIX = 'figures-attempt-'
const AT_ONCE = 30
const KINDS: readonly AttemptKind[] = [
  'missing',
  'garbage',
  'forged',
  'expired',
  'unknown',
  'inactive',
  'valid',
  'valid',
  'leaves',
]
const WRITTEN_WITHIN_MS = 60_000

/** Attempts made, one by one, against the rows of the connection log; the database stops and dies under way. */
export const attempts: SecurityFigure = {
  name: 'attempts',
  run: async (context) => {
    const { rig, random, sized } = context
    const connections = sized(30_000)
    const tryOnce = createAttempter({
      rig,
      users: await rig.addUsers(200, 'doctor'),
      inactiveUser: await addInactiveUser(rig),
    })
    const plan = Array.from({ length: connections }, (_, index) => ({
      kind: random.pick(KINDS),
      node: random.int(0, rig.nodes.length - 1),
      name: `${PREFIX}${String(index)}`,
    }))
    let done = 0
    const outages = breakDatabase(context, () => done / connections)
    const tried = await mapAtOnce(plan, AT_ONCE, async (one) => {
      const result = await tryOnce(one)
      done += 1
      return result
    })
    await outages
    const made = tried.reduce((sum, { attempts: count }) => sum + count, 0)
    await waitUntil(async () => (await countRows(rig.database)) >= made, WRITTEN_WITHIN_MS, 250)
    // What was written twice would come now.
    await delay(2_500)
    const raw = { connections, ...(await compare(rig.database, tried)) }
    return { findings: [toFinding(raw)], raw }
  },
}

const addInactiveUser = async (rig: Rig): Promise<string> => {
  const [user = ''] = await rig.addUsers(1, 'doctor')
  await rig.database.query('update users set is_active = false where id = $1', [user])
  return user
}

/** Stops PostgreSQL for 3 s at a third of the way, and kills it at two thirds. */
const breakDatabase = async (
  { rig, sized }: SecurityContext,
  share: () => number,
): Promise<void> => {
  const { postgres, database } = rig
  await waitUntil(() => share() > 1 / 3, 600_000)
  const backends = await database.query<{ pid: number }>('select pid from pg_stat_activity')
  const pids = [postgres.pid(), ...backends.map(({ pid }) => pid)]
  signalAll(pids, 'SIGSTOP')
  await delay(sized(6_000, 1_500))
  signalAll(pids, 'SIGCONT')
  await waitUntil(() => share() > 2 / 3, 600_000)
  await postgres.kill9()
  await delay(sized(6_000, 500))
  await postgres.restart()
}

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // A backend that has ended meanwhile.
    }
  }
}

const ATTEMPTS = `('accepted', 'refused', 'aborted')`

const countRows = async (database: Database): Promise<number> => {
  const [row] = await database
    .query<{ rows: number }>(
      `select coalesce(sum(count), 0)::integer as rows from connection_log
        where user_agent like $1 and outcome in ${ATTEMPTS}`,
      [`${PREFIX}%`],
    )
    .catch(() => [])
  return row?.rows ?? 0
}

interface Comparison {
  readonly made: number
  readonly rows: number
  readonly connectionsThatDiffer: number
  readonly accepted: number
  readonly acceptedRows: number
  readonly closedRows: number
  readonly byOutcome: Readonly<Record<string, number>>
  readonly chain: string
}

const compare = async (database: Database, tried: readonly Tried[]): Promise<Comparison> => {
  const rows = await database.query<{
    name: string
    attempts: number
    accepted: number
    closed: number
  }>(
    `select user_agent as name,
        sum(count) filter (where outcome in ${ATTEMPTS})::integer as attempts,
        coalesce(sum(count) filter (where outcome = 'accepted'), 0)::integer as accepted,
        coalesce(sum(count) filter (where outcome = 'closed'), 0)::integer as closed
       from connection_log where user_agent like $1 group by 1`,
    [`${PREFIX}%`],
  )
  const outcomes = await database.query<{ outcome: string; rows: number }>(
    `select outcome || coalesce(' ' || code, '') as outcome, sum(count)::integer as rows
       from connection_log where user_agent like $1 group by 1 order by 2 desc`,
    [`${PREFIX}%`],
  )
  const ofName = new Map(rows.map((row) => [row.name, row]))
  const verdict = await verifyChain(database)
  return {
    made: tried.reduce((sum, { attempts: count }) => sum + count, 0),
    rows: rows.reduce((sum, row) => sum + row.attempts, 0),
    connectionsThatDiffer: tried.filter(({ name, attempts: made, wasAdmitted }) => {
      const row = ofName.get(name)
      // Who leaves may have been admitted in the same moment; who was told so has a row of it.
      return (row?.attempts ?? 0) !== made || (wasAdmitted && row?.accepted !== 1)
    }).length,
    accepted: tried.filter(({ wasAdmitted }) => wasAdmitted).length,
    acceptedRows: rows.reduce((sum, row) => sum + row.accepted, 0),
    closedRows: rows.reduce((sum, row) => sum + row.closed, 0),
    byOutcome: Object.fromEntries(outcomes.map(({ outcome, rows: count }) => [outcome, count])),
    chain: verdict.holds ? `holds over ${grouped(verdict.rows)} rows` : 'is broken',
  }
}

const toFinding = (raw: Comparison & { readonly connections: number }): Finding => ({
  figure:
    'Attempts against rows of the connection log; PostgreSQL stopped, then killed (-9) under way',
  goal: 'equal, at least 50,000',
  measured:
    `${grouped(raw.made)} attempts on ${grouped(raw.connections)} connections, ${grouped(raw.rows)} rows, ` +
    `${String(raw.connectionsThatDiffer)} connections differ; ${grouped(raw.acceptedRows)} accepted, ` +
    `${grouped(raw.closedRows)} closed; the hash chain ${raw.chain}`,
  met:
    raw.made === raw.rows &&
    raw.connectionsThatDiffer === 0 &&
    raw.acceptedRows === raw.closedRows &&
    raw.chain.startsWith('holds'),
})
