import { follow, type Follower } from '../../e2e/rig/stock-follower.js'
import { startRoundRobin } from '../../e2e/rig/round-robin.js'
import { createTill } from '../../e2e/rig/till.js'
import type { Figure, Finding } from '../frame/figure.js'
import { startRig, type Rig } from '../frame/rig.js'
import { grouped, summarise, told } from '../../e2e/rig/statistics.js'
import { waitUntil } from '../../e2e/rig/timing.js'

const CLIENTS = 60
const ITEMS = ['A', 'B', 'C', 'D']
const GOAL_MS = 2_000
const HEAD_WITHIN_MS = 15_000

interface Restarts {
  /** What each node needed to end after SIGTERM, in milliseconds. */
  readonly endsMs: readonly number[]
  readonly seconds: number
}

interface Verdict {
  readonly due: number
  readonly lost: number
  readonly twice: number
  /** Clients that did not come back by themselves. */
  readonly away: number
  readonly missingWrites: number
}

/** Three nodes restarted one after the other, ten times, under load, behind a balancer, with stock clients. */
export const rolling: Figure = {
  name: 'rolling',
  run: async ({ sized }) => {
    const times = sized(10, 2)
    const rig = await startRig({ settings: { MAX_CONNECTIONS_PER_USER: '1000' } })
    const followers: Follower[] = []
    const stop = new AbortController()
    try {
      await using balancer = await startRoundRobin(
        rig.nodes.map(({ url }) => Number(new URL(url).port)),
      )
      const [userId = ''] = await rig.addUsers(1, 'inventory_manager')
      const token = rig.tokenFor(userId, 3_600_000)
      for (let n = 0; n < CLIENTS; n += 1) followers.push(follow(balancer.url, token))
      await waitUntil(() => followers.every(({ connects }) => connects() > 0), HEAD_WITHIN_MS)
      // Their first events are due to all clients.
      for (const sku of ITEMS) {
        await rig.database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
      }
      const till = createTill(balancer.url, token)
      const writers = ITEMS.map((sku) => till.keepReceiving(sku, 100, stop.signal))
      const { endsMs, seconds } = await restartAll(rig, times)
      stop.abort()
      await Promise.all(writers)
      const verdict = await judge(rig, followers, till.written())
      const raw = {
        ...verdict,
        times,
        endsMs,
        seconds,
        writes: till.written(),
        retried: till.retried(),
        gapsMs: followers.flatMap(({ gapsMs }) => gapsMs),
        connects: sum(followers.map(({ connects }) => connects())),
        attempts: sum(followers.map(({ attempts }) => attempts())),
        failures: followers.flatMap(({ failures }) => failures),
        resets: followers.flatMap(({ resets }) => resets),
      }
      return { findings: toFindings(raw), raw }
    } finally {
      stop.abort()
      for (const { socket } of followers) socket.disconnect()
      await rig.stop()
    }
  },
}

const restartAll = async (rig: Rig, times: number): Promise<Restarts> => {
  const startedAt = performance.now()
  const endsMs: number[] = []
  for (let time = 0; time < times; time += 1) {
    for (const node of rig.nodes.keys()) {
      const at = performance.now()
      await rig.nodes[node]?.stop()
      endsMs.push(Math.round(performance.now() - at))
      await rig.restart(node)
    }
  }
  return { endsMs, seconds: (performance.now() - startedAt) / 1_000 }
}

const judge = async (
  rig: Rig,
  followers: readonly Follower[],
  written: number,
): Promise<Verdict> => {
  const entries = await rig.database.query<{ seq: number }>(
    `select seq from event_log where name in ('inventory:update', 'inventory:lowStock') order by seq`,
  )
  const due = entries.map(({ seq }) => seq)
  await waitUntil(() => followers.every(({ seqs }) => seqs.at(-1) === due.at(-1)), HEAD_WITHIN_MS)
  const count = (of: (follower: Follower) => number): number => sum(followers.map(of))
  const [stock] = await rig.database.query<{ sum: number }>(
    'select coalesce(sum(quantity), 0)::int as sum from inventory_lots',
  )
  return {
    due: due.length * followers.length,
    lost: count(({ seqs }) => {
      const received = new Set(seqs)
      return due.filter((seq) => !received.has(seq)).length
    }),
    twice: count(({ seqs }) => seqs.length - new Set(seqs).size),
    away: count(({ socket }) => (socket.connected ? 0 : 1)),
    missingWrites: written - (stock?.sum ?? 0),
  }
}

type Raw = Verdict &
  Restarts & {
    readonly times: number
    readonly writes: number
    readonly retried: number
    readonly gapsMs: readonly number[]
    readonly connects: number
    readonly attempts: number
    readonly failures: readonly string[]
    readonly resets: readonly string[]
  }

const toFindings = (raw: Raw): Finding[] => {
  const gaps = summarise(raw.gapsMs)
  return [
    {
      figure: `Three nodes restarted one after the other ${String(raw.times)} times under load: deliveries lost`,
      goal: '0 lost, 0 twice',
      measured: `${grouped(raw.lost)} lost, ${grouped(raw.twice)} twice of ${grouped(raw.due)} to ${String(CLIENTS)} stock clients, ${String(raw.resets.length)} resets, in ${raw.seconds.toFixed(0)} s`,
      met: raw.lost === 0 && raw.twice === 0 && raw.due > 0,
    },
    {
      figure:
        'Gap of a stock client in a rolling restart, from its loss of the connection to `connected`',
      goal: 'p99 < 2 s',
      measured: `${told(gaps)} (${grouped(gaps.count)} gaps; ${grouped(raw.attempts - raw.connects)} of ${grouped(raw.attempts)} attempts ended without \`connected\`)`,
      met: gaps.p99 < GOAL_MS && gaps.count >= CLIENTS,
      remark:
        'A stock client waits 0.5 to 1.5 s before its first attempt, 1 to 3 s before its second',
    },
    {
      figure: 'Stock clients that needed code of ours to come back',
      goal: '0',
      measured: `${String(raw.away)} of ${String(CLIENTS)}`,
      met: raw.away === 0,
    },
    {
      figure: 'REST writes behind a client that tries again, in a rolling restart',
      goal: '0 failed, 0 lost',
      measured: `0 of ${grouped(raw.writes)} failed, ${grouped(raw.missingWrites)} lost, ${grouped(raw.retried)} requests sent again; a node ended within ${grouped(Math.max(...raw.endsMs))} ms`,
      met: raw.missingWrites === 0 && raw.writes > 0,
    },
  ]
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
