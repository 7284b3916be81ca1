import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../../../e2e/rig/statistics.js'
import type { SpeedFigure } from '../figure.js'
import { short } from '../report/numbers.js'
import { costOf } from '../samples.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'
import { startUzima } from '../subjects/uzima.js'

const CLIENTS = 1_000
/** Changes/s offered; the last ones are more than a core carries. */
const RATES = [10, 50, 100, 150, 200, 400]
const SHARES = [0.5, 0.99, 0.999]

/** Milliseconds since COMMIT was sent, one for each change. */
interface Moments {
  readonly committed: number[]
  readonly notified: number[]
  readonly first: number[]
  readonly last: number[]
}

/**
 * Where the time from COMMIT to the screen goes, against the offered load. Seen from outside: the server is as in service.
 * A second listener, on the clients' core, hears of the commit as the service does.
 */
export const stages: SpeedFigure = {
  name: 'stages',
  run: async ({ world, pick }) => {
    const seconds = pick(3, 2)
    await using uzima = await startUzima(world)
    const fleet = fleetOf(uzima)
    await fleet.open(CLIENTS, 50, greetingsOf(world, uzima))
    let onNotify = (): void => undefined
    const stopListening = await uzima.database.listen('uzima_log', () => {
      onNotify()
    })
    let changes = 0

    const run = async (perSecond: number) => {
      const count = perSecond * seconds
      const base = changes
      changes += count
      const beganAt = new Float64Array(count)
      const seen = new Uint32Array(count)
      const all = new Float64Array(count * CLIENTS)
      const moments: Moments = { committed: [], notified: [], first: [], last: [] }
      let [deliveries, writes] = [0, 0]
      const since = (index: number): number => performance.now() - (beganAt[index] ?? Number.NaN)
      // One transaction at a time, so one notification for each, in their order.
      onNotify = () => {
        moments.notified.push(since(moments.notified.length))
      }
      fleet.listen((added, before) => {
        writes += 1
        for (let index = before - base; index < before - base + added; index += 1) {
          const ms = since(index)
          all[deliveries] = ms
          deliveries += 1
          seen[index] = (seen[index] ?? 0) + 1
          if (seen[index] === 1) moments.first.push(ms)
          if (seen[index] === CLIENTS) moments.last.push(ms)
        }
      })
      const cost = await costOf(uzima.pid, async () => {
        const from = performance.now()
        for (let number = 0; number < count; number += 1) {
          await delay(Math.max(0, from + (number * 1_000) / perSecond - performance.now()))
          await uzima.database.transaction(async (tx) => {
            await tx.query(
              `update inventory_items set name = 'Item ' || clock_timestamp() where sku = $1`,
              [`item-${String((number % 100) + 1)}`],
            )
            beganAt[number] = performance.now()
          })
          moments.committed.push(since(number))
        }
        await fleet.received(changes * CLIENTS)
      })
      fleet.listen(undefined)
      return { perSecond, moments, all, cost, count, joined: deliveries / writes }
    }

    await run(RATES[0] ?? 0)
    const runs = []
    for (const perSecond of RATES) runs.push(await run(perSecond))
    await stopListening()
    await fleet.close()
    return {
      findings: [],
      comparisons: [],
      tables: [
        {
          title: `COMMIT to ${CLIENTS.toLocaleString('en-US')} screens, by offered load and by stage`,
          remark: REMARK,
          head: [
            'changes/s, offered and reached',
            "server's CPU, cores",
            'events a write',
            'to the screen, p50 / p99 / p99.9',
            'COMMIT, p50 / p99',
            'notification',
            'read, encoded, first written',
            'first to last client',
          ],
          rows: runs.map(({ perSecond, moments, all, cost, count, joined }) => [
            `${String(perSecond)} / ${short(count / cost.seconds)}`,
            short(cost.cpuSeconds / cost.seconds),
            joined.toFixed(2),
            SHARES.map((share) => short(quantile(all, share))).join(' / '),
            both(moments.committed),
            both(moments.notified),
            both(differences(moments.first, moments.notified)),
            both(differences(moments.last, moments.first)),
          ]),
        },
      ],
      raw: { seconds, runs: runs.map(({ perSecond, moments }) => ({ perSecond, moments })) },
    }
  },
}

const REMARK =
  'In ms. COMMIT: until its answer. Notification: from the sending of COMMIT until a second listener hears of it. Read, encoded, ' +
  'first written: from there until the first client has the event, a fan-out before it included. First to last client: the ' +
  'writes to all sockets, the kernel, and the reading of the clients, who share a core with PostgreSQL.'

const differences = (later: readonly number[], earlier: readonly number[]): number[] =>
  later.map((value, index) => value - (earlier[index] ?? Number.NaN))

const both = (values: readonly number[]): string =>
  [0.5, 0.99].map((share) => short(quantile(values, share))).join(' / ')
