import { createProxy, type Proxy } from '../../e2e/rig/proxy.js'
import type { Random } from '../../e2e/rig/random.js'
import { startRoundRobin } from '../../e2e/rig/round-robin.js'
import { startRig, type Rig } from '../frame/rig.js'
import { mapAtOnce, repeat, waitUntil } from '../../e2e/rig/timing.js'
import { addItems } from './inventory.js'
import { openLightClient, openStockClient, type StormClient } from './storm-client.js'

/** One storm: who, what is killed, and what else is wrong. */
export interface StormPlan {
  readonly clients: number
  readonly kind: 'light' | 'stock'
  readonly kills: 'one node' | 'all nodes'
  readonly changesPerSecond: number
  /** What is added to each question to the database. */
  readonly slowerByMs?: number
  /** Share of the clients whose token is worth nothing when they come back. */
  readonly invalid?: number
}

export interface StormResult {
  /** Clients that lost their connection. */
  readonly thrown: number
  readonly refused: number
  /** Clients that were not back at the head after a minute. */
  readonly away: number
  /** From the kill to the first node that was killed listening again. */
  readonly listeningAfterMs: number
  /** From the kill until each client was at the head. */
  readonly fromKillMs: readonly number[]
  /** From the start of the attempt that succeeded until the client was at the head: without its back-off. */
  readonly fromAttemptMs: readonly number[]
  readonly attempts: number
  readonly attemptsAfterListening: number
  /** Users looked up in the database since the kill; one who was looked up twice counts twice. */
  readonly lookUps: number
  /** Statements that this took: one asks for all who wait. */
  readonly lookUpStatements: number
  readonly due: number
  readonly lost: number
  readonly twice: number
  readonly changes: number
}

const BACK_WITHIN_MS = 60_000
const OPENINGS_AT_ONCE = 100
const ITEMS = 10

/** Connects everybody, kills, restarts at once, and waits until everybody is back. */
export const runStorm = async (plan: StormPlan, random: Random): Promise<StormResult> => {
  let proxy: Proxy | undefined
  const rig = await startRig({
    postgresSettings: { shared_preload_libraries: 'pg_stat_statements' },
    settings: {
      MAX_CONNECTIONS_PER_USER: '10',
      // All clients share one address here.
      AUTH_FAILURES_PER_MINUTE: '1000000',
    },
    reachDatabase: async (url) => {
      const address = new URL(url)
      proxy = await createProxy({ targetPort: Number(address.port), random })
      address.port = String(proxy.port)
      return plan.slowerByMs === undefined ? url : address.href
    },
  })
  const clients: StormClient[] = []
  try {
    return await storm(plan, rig, clients, () => {
      // Half of it each way.
      proxy?.setMode({ kind: 'delay', ms: (plan.slowerByMs ?? 0) / 2, jitterMs: 0 })
    })
  } finally {
    for (const client of clients) client.stop()
    await rig.stop()
    await proxy?.close()
  }
}

const storm = async (
  plan: StormPlan,
  rig: Rig,
  clients: StormClient[],
  slowDown: () => void,
): Promise<StormResult> => {
  const { database } = rig
  await database.query('create extension pg_stat_statements')
  const skus = await addItems(rig, 'storm', ITEMS)
  await using balancer = await startRoundRobin(
    rig.nodes.map(({ url }) => Number(new URL(url).port)),
  )
  const users = await rig.addUsers(plan.clients, 'pharmacist')
  const addresses = rig.nodes.map(({ url }) => url)
  let head = 0
  let changes = 0
  const options = { head: () => head }
  await mapAtOnce(users, OPENINGS_AT_ONCE, async (user, index) => {
    const own = { ...options, token: rig.tokenFor(user, 3_600_000) }
    const client =
      plan.kind === 'stock'
        ? openStockClient(balancer.url, own)
        : openLightClient(addresses, index, own)
    clients.push(client)
    await waitUntil(() => client.from() !== undefined, BACK_WITHIN_MS, 20)
  })

  const stopChanging = repeat(1_000 / plan.changesPerSecond, async () => {
    changes += 1
    await database.query(
      `update inventory_lots set quantity = 1 + (quantity + 1) % 1000 where sku = $1`,
      [skus[changes % ITEMS] ?? ''],
    )
    const [last] = await database.query<{ seq: number }>(
      `select seq from event_log where name = 'inventory:update' order by seq desc limit 1`,
    )
    head = last?.seq ?? head
  })
  await waitUntil(() => changes > plan.changesPerSecond * 2, BACK_WITHIN_MS)
  if (plan.slowerByMs !== undefined) slowDown()
  const invalid = clients.slice(0, Math.round(clients.length * (plan.invalid ?? 0)))
  for (const client of invalid) client.useToken(`${rig.tokenFor('nobody')}x`)
  await database.query('select pg_stat_statements_reset()')

  const killed = plan.kills === 'one node' ? [0] : [...rig.nodes.keys()]
  const killedAt = performance.now()
  const attemptsAtKill = clients.map(({ attempts }) => attempts.length)
  await mapAtOnce(killed, killed.length, async (node) => rig.nodes[node]?.kill9())
  let listeningAt = Number.POSITIVE_INFINITY
  await mapAtOnce(killed, killed.length, async (node) => {
    await rig.restart(node)
    listeningAt = Math.min(listeningAt, performance.now())
  })
  const isBack = (client: StormClient): boolean =>
    client.wasRefused() || client.atHeadAt() !== undefined
  await waitUntil(() => clients.every(isBack), BACK_WITHIN_MS, 50)
  const backAt = clients.map((client) => client.atHeadAt())
  await stopChanging()
  const attemptsSince = clients.map(({ attempts }, n) => attempts.slice(attemptsAtKill[n] ?? 0))
  const [counted] = await database.query<{ rows: number; calls: number }>(
    `select coalesce(sum(rows), 0)::int as rows, coalesce(sum(calls), 0)::int as calls
       from pg_stat_statements where query like '%"tokensNotBefore"%from users where id = %'`,
  )
  const thrown = clients.flatMap((client, n) => {
    const attempts = attemptsSince[n] ?? []
    return attempts.length === 0 ? [] : [{ client, attempts, at: backAt[n] }]
  })
  const back = thrown.flatMap(({ at, attempts, client }) =>
    at === undefined || client.wasRefused() ? [] : [{ at, attempts }],
  )

  return {
    thrown: thrown.length,
    refused: clients.filter((client) => client.wasRefused()).length,
    away: clients.filter((client) => !isBack(client)).length,
    listeningAfterMs: listeningAt - killedAt,
    fromKillMs: back.map(({ at }) => at - killedAt),
    fromAttemptMs: back.map(({ at, attempts }) => at - (attempts.at(-1) ?? killedAt)),
    attempts: attemptsSince.flat().length,
    attemptsAfterListening: attemptsSince.flat().filter((at) => at >= listeningAt).length,
    lookUps: counted?.rows ?? Number.NaN,
    lookUpStatements: counted?.calls ?? Number.NaN,
    changes,
    ...(await compare(rig, clients)),
  }
}

/** Compares what the clients that were not refused have received with the log. */
const compare = async (
  rig: Rig,
  clients: readonly StormClient[],
): Promise<Pick<StormResult, 'due' | 'lost' | 'twice'>> => {
  const entries = await rig.database.query<{ seq: number }>(
    `select seq from event_log where name = 'inventory:update' order by seq`,
  )
  const seqs = entries.map(({ seq }) => seq)
  const staying = clients.filter((client) => !client.wasRefused())
  await waitUntil(
    () => staying.every((client) => client.seqs.at(-1) === seqs.at(-1)),
    BACK_WITHIN_MS,
    50,
  )
  let [due, lost, twice] = [0, 0, 0]
  for (const client of staying) {
    const received = new Set(client.seqs)
    const dueToIt = seqs.filter((seq) => seq > (client.from() ?? 0))
    due += dueToIt.length
    lost += dueToIt.filter((seq) => !received.has(seq)).length
    twice += client.seqs.length - received.size
  }
  return { due, lost, twice }
}
