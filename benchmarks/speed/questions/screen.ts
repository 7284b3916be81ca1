import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../../../e2e/rig/statistics.js'
import type { Finding } from '../../frame/figure.js'
import type { SpeedFigure } from '../figure.js'
import { DIALECTS } from '../load/dialect.js'
import { collect, costOf, median } from '../samples.js'
import { startNodePeer } from '../subjects/node-peer.js'
import { fleetOf, greetingsOf } from '../subjects/subject.js'
import { startUzima } from '../subjects/uzima.js'

const CLIENTS = 1_000
/** The goal is of the last one, which is more than bare Socket.IO carries on a core. */
const RATES = [20, 100]
const P99_MS = 25
/** How much later than bare Socket.IO, which has no COMMIT. */
const LATER_MS = 5

/**
 * How long after COMMIT a change is on a screen. The clock starts right before COMMIT is sent; for Socket.IO right before the
 * request is sent that makes it emit.
 */
export const screen: SpeedFigure = {
  name: 'screen',
  run: async ({ world, pick }) => {
    const [seconds, rounds] = [pick(4, 2), pick(3, 1)]
    const figures = RATES.map(figuresAt)

    await using uzima = await startUzima(world)
    await using stock = await startNodePeer(world, 'socket.io', DIALECTS.socketIo)
    const orders: Promise<void>[] = []
    const subjects = [
      {
        running: uzima,
        // One after the other on one connection, so that the order of the begins is that of the log.
        change: (number: number, begin: () => void): Promise<void> =>
          uzima.database.transaction(async (tx) => {
            await tx.query(
              `update inventory_items set name = 'Item ' || clock_timestamp() where sku = $1`,
              [`item-${String((number % 100) + 1)}`],
            )
            begin()
          }),
      },
      {
        running: stock,
        change: async (_number: number, begin: () => void): Promise<void> => {
          begin()
          // Not waited for: a server that lags behind must not be asked for less.
          orders.push(stock.emit(1))
        },
      },
    ].map((subject) => ({ ...subject, fleet: fleetOf(subject.running), changes: 0 }))

    const run = async (
      subject: (typeof subjects)[number],
      perSecond: number,
      lastsSeconds: number,
    ) => {
      const { running, fleet, change } = subject
      const count = lastsSeconds * perSecond
      const base = subject.changes
      const beganAt = new Float64Array(count)
      const times = new Float64Array(count * CLIENTS)
      let seen = 0
      fleet.listen((added, before) => {
        const now = performance.now()
        for (let index = before - base; added > 0; index += 1, added -= 1) {
          times[seen] = now - (beganAt[index] ?? Number.NaN)
          seen += 1
        }
      })
      const cost = await costOf(running.pid, async () => {
        const from = performance.now()
        for (let number = 0; number < count; number += 1) {
          await delay(Math.max(0, from + (number * 1_000) / perSecond - performance.now()))
          await change(base + number, () => {
            beganAt[number] = performance.now()
          })
        }
        subject.changes += count
        await fleet.received(subject.changes * CLIENTS)
        await Promise.all(orders.splice(0))
      })
      fleet.listen(undefined)
      return { times, cost, count }
    }

    for (const subject of subjects) {
      const { running, fleet } = subject
      await fleet.open(CLIENTS, 50, greetingsOf(world, running))
      await run(subject, RATES[0] ?? 0, 2)
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { perSecond, shares, cores, own, rate } of figures) {
        for (const subject of subjects) {
          const { name } = subject.running
          const { times, cost, count } = await run(subject, perSecond, seconds)
          for (const { share, figure } of shares) figure.add(name, quantile(times, share))
          cores.add(name, cost.cpuSeconds / cost.seconds)
          own.add(name, cost.loadSeconds / cost.seconds)
          rate.add(name, count / cost.seconds)
        }
      }
    }
    for (const { fleet } of subjects) await fleet.close()
    const p99s = figures.map(({ load, shares }) => {
      const samples = shares[1]?.figure.comparison().samples ?? {}
      const [ours, stock] = ['uzima', 'socket.io'].map((name) => median(samples[name] ?? []))
      return { load, ours: ours ?? Number.NaN, stock: stock ?? Number.NaN }
    })
    return {
      comparisons: figures.flatMap(({ shares, cores, own, rate }) =>
        [...shares.map(({ figure }) => figure), cores, own, rate].map((one) => one.comparison()),
      ),
      findings: p99s.flatMap((p99, index) => toFindings(p99, index === figures.length - 1)),
      raw: { seconds, rounds },
    }
  },
}

const figuresAt = (perSecond: number) => {
  const load = `${CLIENTS.toLocaleString('en-US')} clients, ${String(perSecond)} changes/s`
  return {
    perSecond,
    load,
    shares: [0.5, 0.99, 0.999].map((share) => ({
      share,
      figure: collect(`to the screen, ${load}, p${String(share * 100)}`, 'ms', 'less'),
    })),
    cores: collect(`the server's CPU, ${load}`, 'cores', 'less'),
    own: collect(`the clients' own CPU, ${load}`, 'cores', 'less', true),
    rate: collect(`changes/s that reached everybody, ${load}`, '1/s', 'more', true),
  }
}

interface P99 {
  readonly load: string
  readonly ours: number
  readonly stock: number
}

/** The absolute goal is of the higher rate, at which Socket.IO falls behind; the relative one is told of both. */
const toFindings = ({ load, ours, stock }: P99, hasGoal: boolean): Finding[] => [
  ...(hasGoal
    ? [
        {
          figure: `COMMIT to screen, ${load}, one node`,
          goal: `p99 < ${String(P99_MS)} ms`,
          measured: `p99 ${ours.toFixed(1)} ms`,
          met: ours < P99_MS,
        },
      ]
    : []),
  {
    figure: `COMMIT to screen, against bare Socket.IO's order to screen, ${load}`,
    goal: `p99 at most ${String(LATER_MS)} ms later`,
    measured: `${ours.toFixed(1)} ms against ${stock.toFixed(1)} ms`,
    met: ours <= stock + LATER_MS,
  },
]
