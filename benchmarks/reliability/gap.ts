import { setTimeout as delay } from 'node:timers/promises'
import type { Figure, Finding } from '../frame/figure.js'
import { cpuSeconds } from '../../e2e/rig/machine.js'
import { startRig, type Rig } from '../frame/rig.js'
import { grouped, summarise, told, type Summary } from '../../e2e/rig/statistics.js'
import { waitUntil } from '../../e2e/rig/timing.js'
import { openSession, type Session } from '../frame/session.js'
import { CONDITIONS, type Condition } from './gap-conditions.js'
import { addItems, createReceiver, moveBySql, type Receiver } from './inventory.js'

const CLIENTS = 50
const ITEMS = 50
const PER_SECOND = 100
const ARRIVES_WITHIN_MS = 10_000
// What follows the first use of a connection or a plan is not measured.
const WARM_UP = 100

/** What arrived, when, at which node's clients. */
type Arrivals = Map<number, { readonly node: number; readonly at: number }[]>

interface Measured {
  readonly condition: string
  readonly changes: number
  readonly perSecond: number
  readonly all: Summary
  readonly byNode: readonly Summary[]
  readonly missing: number
  readonly wallSeconds: number
  readonly nodeCpuSeconds: number
  readonly ownCpuSeconds: number
}

/** Commit to client over three nodes, whole and with what tells the nodes of a commit cut. */
export const gap: Figure = {
  name: 'gap',
  run: async ({ sized }) => {
    const rig = await startRig({ settings: { MAX_CONNECTIONS_PER_USER: '1000' } })
    const receiver = await createReceiver(rig)
    const arrivals: Arrivals = new Map()
    try {
      const skus = await addItems(rig, 'gap', ITEMS)
      const [user = ''] = await rig.addUsers(1, 'pharmacist')
      const token = rig.tokenFor(user, 3_600_000)
      const sessions = Array.from({ length: CLIENTS }, (_, index) => {
        const node = index % rig.nodes.length
        return openSession(rig.urlOf(node), { node, token, onEvent: recordIn(arrivals) })
      })
      await Promise.all(sessions.map(({ decided }) => decided))
      await writeAll(rig, receiver, skus, WARM_UP)
      const measured: Measured[] = []
      for (const condition of CONDITIONS) {
        measured.push(await measure(rig, receiver, skus, sized(3_000), arrivals, condition))
      }
      const alive = sessions.filter((session) => session.closedAt() === undefined).length
      for (const session of sessions) session.destroy()
      const [healthy] = measured
      return {
        findings: measured.map((one, index) => toFinding(one, CONDITIONS[index], healthy, alive)),
        raw: { clients: CLIENTS, alive, measured },
      }
    } finally {
      receiver.close()
      await rig.stop()
    }
  },
}

const recordIn =
  (arrivals: Arrivals) =>
  (name: string, { seqs, node }: Session): void => {
    if (name !== 'inventory:update') return
    const seq = seqs.at(-1) ?? 0
    const known = arrivals.get(seq) ?? []
    known.push({ node, at: performance.timeOrigin + performance.now() })
    arrivals.set(seq, known)
  }

const measure = async (
  rig: Rig,
  receiver: Receiver,
  skus: readonly string[],
  changes: number,
  arrivals: Arrivals,
  condition: Condition,
): Promise<Measured> => {
  const pids = rig.nodes.map(({ pid }) => pid)
  const end = await condition.begin(rig)
  try {
    const from = await headOf(rig)
    const [wallAt, cpuAt, ownAt] = [performance.now(), cpuSeconds(pids), process.cpuUsage()]
    await writeAll(rig, receiver, skus, changes)
    const wallSeconds = (performance.now() - wallAt) / 1_000
    const own = process.cpuUsage(ownAt)
    const nodeCpuSeconds = cpuSeconds(pids) - cpuAt
    const entries = await rig.database.query<{ seq: number; at: number }>(
      `select seq, (extract(epoch from at) * 1000)::float8 as at from event_log
        where seq > $1 and name = 'inventory:update' order by seq`,
      [from],
    )
    const isThere = ({ seq }: { seq: number }): boolean =>
      (arrivals.get(seq)?.length ?? 0) >= CLIENTS
    await waitUntil(() => entries.every(isThere), ARRIVES_WITHIN_MS)
    const seen = entries.flatMap(({ seq, at: committedAt }) =>
      (arrivals.get(seq) ?? []).map(({ node, at }) => ({ node, ms: at - committedAt })),
    )
    return {
      condition: condition.name,
      changes: entries.length,
      perSecond: entries.length / wallSeconds,
      all: summarise(seen.map(({ ms }) => ms)),
      byNode: rig.nodes.map((_, node) =>
        summarise(seen.filter((one) => one.node === node).map(({ ms }) => ms)),
      ),
      missing: entries.length * CLIENTS - seen.length,
      wallSeconds,
      nodeCpuSeconds,
      ownCpuSeconds: (own.user + own.system) / 1e6,
    }
  } finally {
    await end()
    arrivals.clear()
  }
}

/** Writes at the rate, half over REST on all nodes, half with plain SQL; each change when it is due, not after another. */
const writeAll = async (
  rig: Rig,
  receiver: Receiver,
  skus: readonly string[],
  changes: number,
): Promise<void> => {
  const startedAt = performance.now()
  const writes: Promise<unknown>[] = []
  for (let n = 0; n < changes; n += 1) {
    await delay(Math.max(0, startedAt + (n * 1_000) / PER_SECOND - performance.now()))
    const sku = skus[n % skus.length] ?? ''
    writes.push(n % 2 === 0 ? moveBySql(rig, sku) : receiver.receive(n, sku))
  }
  await Promise.all(writes)
}

const headOf = async ({ database }: Rig): Promise<number> => {
  const [head] = await database.query<{ seq: number }>('select seq from log_head')
  return head?.seq ?? NaN
}

const toFinding = (
  measured: Measured,
  condition: Condition | undefined,
  healthy: Measured | undefined,
  alive: number,
): Finding => {
  const { all, byNode, missing, perSecond, nodeCpuSeconds, ownCpuSeconds, wallSeconds } = measured
  const { p99 = Infinity, max = Infinity } = condition?.goalMs ?? {}
  const nodes = byNode.map((one) => `${one.p99.toFixed(1)} / ${one.max.toFixed(1)}`)
  return {
    figure: `Number drawn in COMMIT to client, 3 nodes, ${String(PER_SECOND)} changes/s (REST and plain SQL), ${String(CLIENTS)} clients; ${measured.condition}`,
    goal: `${condition?.goal ?? ''}, 0 missing`,
    measured:
      `${told(all)} (${grouped(all.count)} deliveries, ${perSecond.toFixed(0)} changes/s); p99 / max of the nodes: ${nodes.join(', ')} ms; ` +
      `${String(missing)} missing, ${String(CLIENTS - alive)} clients cut; CPU of the nodes ${nodeCpuSeconds.toFixed(1)} s, of clients and ` +
      `writers ${ownCpuSeconds.toFixed(1)} s in ${wallSeconds.toFixed(1)} s` +
      (healthy === undefined || healthy === measured
        ? ''
        : `; healthy in the same run: p99 ${healthy.all.p99.toFixed(1)} ms`),
    met: missing === 0 && all.count > 0 && all.p99 < p99 && all.max <= max,
  }
}
