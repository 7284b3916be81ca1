import { isDeepStrictEqual } from 'node:util'
import type { Figure, Finding } from '../frame/figure.js'
import { cpuSeconds } from '../../e2e/rig/machine.js'
import { startRig, type Rig } from '../frame/rig.js'
import { grouped, summarise, told } from '../../e2e/rig/statistics.js'
import { mapAtOnce } from '../../e2e/rig/timing.js'
import { comeBack, currentState, type Absence, type Return } from './returning-client.js'

const MISSED = 1_000
const FAR_MISSED = 50_000
const AT_ONCE = 50
const ITEMS = 500
const AT_ONCE_REMARK =
  'All of them are owed everything at the same time; the time of the last holds that of the others before it'

interface Backlog extends Absence {
  /** Numbers of everything that was missed. */
  readonly due: readonly number[]
  /** Of the state that the client must end in. */
  readonly hash: string
}

interface Case {
  readonly where: string
  readonly backlog: Backlog
  readonly atOnce: number
  readonly clients: number
  readonly goal: string
  readonly isMet: (summary: ReturnType<typeof summarise>) => boolean
}

/** Clients that come back after they missed much: until their state is that of the database. */
export const resume: Figure = {
  name: 'resume',
  run: async ({ sized }) => {
    const rig = await startRig({ settings: { MAX_CONNECTIONS_PER_USER: '100000' } })
    try {
      const [user = ''] = await rig.addUsers(1, 'pharmacist')
      const token = rig.tokenFor(user, 3_600_000)
      await rig.database.query(
        `insert into inventory_items (sku, name) select 'R-' || n, 'Item ' || n from generate_series(1, $1::integer) n`,
        [ITEMS],
      )
      const near = await miss(rig, MISSED)
      const nearCases = (where: string): Case[] =>
        [1, AT_ONCE].map((atOnce) => ({
          where,
          backlog: near,
          atOnce,
          clients: atOnce === 1 ? sized(200, 10) : sized(500, AT_ONCE),
          goal: 'p99 < 500 ms, complete',
          isMet: ({ p99 }) => p99 < 500,
        }))
      const results: { finding: Finding; raw: unknown }[] = []
      const runAll = async (cases: readonly Case[]): Promise<void> => {
        for (const one of cases) results.push(await measure(rig, token, one))
      }

      await runAll(nearCases('from the memory of the nodes'))
      // They begin at the head again: everything before it is in the table alone.
      for (const [index, node] of rig.nodes.entries()) {
        await node.kill9()
        await rig.restart(index)
      }
      await runAll(
        nearCases('after all nodes were killed (-9) and have read it again at their start'),
      )
      const far = await miss(rig, sized(FAR_MISSED, 2_500))
      const farCases = [1, AT_ONCE].map((atOnce) => ({
        where: 'by the snapshot, which is cheaper',
        backlog: far,
        atOnce,
        clients: atOnce === 1 ? sized(100, 5) : sized(200, AT_ONCE),
        goal: '<= 2 s, correct',
        isMet: ({ max }: { max: number }) => max <= 2_000,
      }))
      await runAll(farCases)
      return { findings: results.map(({ finding }) => finding), raw: results.map(({ raw }) => raw) }
    } finally {
      await rig.stop()
    }
  },
}

/** Makes that many changes, and tells what a client that was away for them knew and missed. */
const miss = async ({ database }: Rig, count: number): Promise<Backlog> => {
  const { position, items } = await currentState(database)
  for (let done = 0; done < count; done += ITEMS) {
    await database.query(
      `update inventory_items set threshold = threshold + 1
        where sku in (select 'R-' || n from generate_series(1, $1::integer) n)`,
      [Math.min(ITEMS, count - done)],
    )
  }
  const entries = await database.query<{ seq: number }>(
    `select seq from event_log where seq > $1 and name like 'inventory:%' order by seq`,
    [position.seq],
  )
  const due = entries.map(({ seq }) => seq)
  const { hash } = await currentState(database)
  return { position, items, due, until: due.at(-1) ?? NaN, hash }
}

const measure = async (
  rig: Rig,
  token: string,
  { where, backlog, atOnce, clients, goal, isMet }: Case,
): Promise<{ finding: Finding; raw: unknown }> => {
  const indices = Array.from({ length: clients }, (_, index) => index)
  const pids = rig.nodes.map(({ pid }) => pid)
  const [wallAt, cpuAt, ownAt] = [performance.now(), cpuSeconds(pids), process.cpuUsage()]
  const returns = await mapAtOnce(indices, atOnce, (index) =>
    comeBack(rig.urlOf(index), token, backlog),
  )
  const wallSeconds = (performance.now() - wallAt) / 1_000
  const nodeCpuSeconds = cpuSeconds(pids) - cpuAt
  const own = process.cpuUsage(ownAt)
  const ownCpuSeconds = (own.user + own.system) / 1e6
  const wrong = returns.filter((one) => !isWhole(one, backlog)).length
  const resets = returns.filter(({ reset }) => reset !== undefined).length
  const summary = summarise(returns.map(({ ms }) => ms))
  const figure =
    `${grouped(backlog.due.length)} missed events of ${String(ITEMS)} items, ${where}, 3 nodes; ` +
    `${atOnce === 1 ? 'clients one after the other' : `${String(atOnce)} clients at once`}, connecting included`
  const measured =
    `${told(summary)} (${grouped(clients)} clients); ${String(wrong)} did not end in the state of the database ` +
    `or missed a number; ${String(resets)} were sent to the snapshot; CPU of the nodes ${nodeCpuSeconds.toFixed(1)} s, ` +
    `of the clients ${ownCpuSeconds.toFixed(1)} s in ${wallSeconds.toFixed(1)} s`
  const met = wrong === 0 && isMet(summary)
  const cpu = { nodeCpuSeconds, ownCpuSeconds, wallSeconds }
  return {
    finding: {
      figure,
      goal,
      measured,
      met,
      ...(met || atOnce === 1 ? {} : { remark: AT_ONCE_REMARK }),
    },
    raw: { ...cpu, where, missed: backlog.due.length, atOnce, wrong, resets, ...summary },
  }
}

/** Complete: each number once and in order, or a snapshot; and the state of the database either way. */
const isWhole = ({ reset, seqs, stateHash }: Return, { due, hash }: Backlog): boolean =>
  stateHash() === hash && (reset !== undefined || isDeepStrictEqual(seqs, due))
