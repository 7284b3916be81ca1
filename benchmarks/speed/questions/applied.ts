import { setTimeout as delay } from 'node:timers/promises'
import { fullCostOf } from '../../growth/cost.js'
import type { SpeedFigure } from '../figure.js'
import { goalOf } from '../goal.js'
import { textFrame } from '../load/dialect.js'
import { collect, ratioOf } from '../samples.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'
import { startUzima } from '../subjects/uzima.js'

const CLIENTS = 2_000
const CHANGES_PER_SECOND = 50
/** As often as our client says what it has applied. */
const EVERY_SECONDS = 5
/** Reports go out in groups, each of which comes in its own turn of the server. */
const GROUPS_PER_SECOND = 50

const WITH = 'on record, and clients report'
const WITHOUT = 'neither'

/**
 * What it costs to keep on record what was written to whom, and what clients say to have applied: CPU of the node and of
 * PostgreSQL, beside a node that writes no such record and whose clients say nothing.
 */
export const applied: SpeedFigure = {
  name: 'applied',
  run: async ({ world, pick }) => {
    const [clients, seconds, rounds] = [pick(CLIENTS, 500), pick(10, 3), pick(4, 1)]
    const load = `${clients.toLocaleString('en-US')} clients, ${String(CHANGES_PER_SECOND)} changes/s`
    const all = collect(`CPU of node and PostgreSQL, ${load}`, 'cores', 'less')
    const node = collect(`CPU of the node, ${load}`, 'cores', 'less')
    const postgres = collect(`CPU of PostgreSQL, ${load}`, 'cores', 'less')

    await using recording = await startUzima(world)
    await using silent = await startUzima(world, { NODE_OPTIONS: `--import=${NO_RECORD}` })
    const subjects = [
      { name: WITH, running: recording, reports: true },
      { name: WITHOUT, running: silent, reports: false },
    ].map((subject) => ({ ...subject, fleet: fleetOf(subject.running), changes: 0 }))

    const run = async (subject: (typeof subjects)[number], lastsSeconds: number) => {
      const { running, fleet, reports } = subject
      const { database, pid } = running
      const [log] = await database.query<{ epoch: string; seq: number }>(
        'select epoch, seq from log_head',
      )
      let changed = 0
      const report = async (): Promise<void> => {
        const groups = lastsSeconds * GROUPS_PER_SECOND
        const size = clients / (EVERY_SECONDS * GROUPS_PER_SECOND)
        const from = performance.now()
        for (let group = 0; group < groups; group += 1) {
          await delay(Math.max(0, from + (group * 1_000) / GROUPS_PER_SECOND - performance.now()))
          const seq = (log?.seq ?? 0) + Math.max(changed - 1, 0)
          const frame = textFrame(`42${JSON.stringify(['applied', { epoch: log?.epoch, seq }])}`)
          for (let n = 0; n < size; n += 1) fleet.send((group * size + n) % clients, frame)
        }
      }
      return fullCostOf(pid, world.postgresPid, async () => {
        const reporting = reports ? report() : undefined
        const from = performance.now()
        for (; changed < lastsSeconds * CHANGES_PER_SECOND; changed += 1) {
          const due = from + (changed * 1_000) / CHANGES_PER_SECOND
          await delay(Math.max(0, due - performance.now()))
          await running.emit(1)
        }
        subject.changes += changed
        await fleet.received(subject.changes * clients)
        await reporting
      })
    }

    for (const { running, fleet } of subjects) {
      await fleet.open(clients, 50, greetingsOf(world, running))
    }
    for (const subject of subjects) await run(subject, 2)
    for (let round = 0; round < rounds; round += 1) {
      // The one that comes first is not always the same.
      for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
        const { cpuSeconds, postgresSeconds, seconds: took } = await run(subject, seconds)
        node.add(subject.name, cpuSeconds / took)
        postgres.add(subject.name, postgresSeconds / took)
        all.add(subject.name, (cpuSeconds + postgresSeconds) / took)
      }
    }
    for (const { name, running, reports } of subjects) {
      const [found] = await running.database.query<{ rows: number; applied: number }>(
        'select count(*)::integer as rows, count(applied_seq)::integer as applied from deliveries',
      )
      const expected = reports ? clients : 0
      if (found?.rows !== expected || found.applied !== expected) {
        throw new Error(`${name}: ${JSON.stringify(found)} are on record.`)
      }
    }
    for (const { fleet } of subjects) await fleet.close()
    const comparisons = [all, node, postgres].map((figure) => figure.comparison())
    const ratio = ratioOf(all.comparison(), WITH, WITHOUT)
    return {
      comparisons,
      findings: [
        goalOf(
          `CPU of node and PostgreSQL with what was written and applied on record, against without, ${load}`,
          { atMost: 1.03 },
          ratio,
          3,
        ),
      ],
      raw: { clients, seconds, rounds },
    }
  },
}

const asModule = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`

/** Has a node load in place of its writer one that writes nothing: there is no setting for it, as nobody should want it. */
const NO_RECORD = asModule(`
  import { register } from 'node:module'
  register(${JSON.stringify(
    asModule(`
      const source = 'export const createDeliveryWriter = () => ({ follow() {}, close: async () => {} })'
      export const load = (url, context, next) =>
        url.endsWith('/dist/audit/delivery-writer.js')
          ? { format: 'module', shortCircuit: true, source }
          : next(url, context)`),
  )})`)
