import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../rig/random.js'
import { signToken } from '../rig/tokens.js'
import { checkDeliveries, type DeliveryVerdict } from './check.js'
import { startLightClient, startStockClient, type Client } from './client.js'
import { BEFORE_ALL_CLOCKS_MS, type Cluster } from './cluster.js'
import { readFacts, type Facts } from './facts.js'
import { keepMoving } from './movements.js'
import { makeTrouble, type Fault } from './nemesis.js'
import { startPackageClient } from './package-client.js'
import { createPerformer, type Performer } from './perform.js'
import type { Recording } from './recording.js'
import { rightsOf, type Rights } from './rights.js'
import { planHistory, type Plan } from './schedule.js'

/** One history when all has come to rest. */
export interface Finished {
  readonly plan: Plan
  readonly recording: Recording
  readonly rights: Rights
  readonly verdict: DeliveryVerdict
}

export interface Round {
  readonly finished: readonly Finished[]
  readonly facts: Facts
  readonly faults: readonly Fault[]
  readonly movements: number
}

export interface RoundOptions {
  readonly random: Random
  /** The numbers of its histories. */
  readonly from: number
  readonly count: number
  readonly roundMs: number
  readonly perSecond: number
}

const AT_REST_WITHIN_MS = 40_000

interface Player {
  readonly plan: Plan
  readonly recording: Recording
  readonly performer: Performer
  readonly client: Client
}

/** Plays some histories side by side, waits until all has come to rest, and judges what their clients received. */
export const playRound = async (cluster: Cluster, options: RoundOptions): Promise<Round> => {
  const { random, from, count, roundMs, perSecond } = options
  const plans = Array.from({ length: count }, (_, index) =>
    planHistory(random, from + index, roundMs),
  )
  const { rows } = await cluster.pool.query<{ seq: string }>('select seq from log_head')
  const beganAfter = Number(rows[0]?.seq)
  const users = await addUsers(cluster, plans)
  const own = random.fork(`round-${String(from)}`)
  const players = plans.map((plan, index) =>
    startPlayer(cluster, plan, users[index] ?? '', own.fork(String(index))),
  )
  const faults: Fault[] = []
  try {
    const startedAt = Date.now()
    const endsAt = startedAt + roundMs
    const moving = new AbortController()
    const movements = keepMoving(cluster, own.fork('movements'), perSecond, moving.signal)
    await Promise.all([
      makeTrouble(cluster, own.fork('faults'), endsAt, faults),
      ...players.map((player) => play(player, startedAt)),
    ])
    // Grants that are due still begin and end, and their edges are looked at from both sides.
    await delay(1_500)
    moving.abort()
    const moved = await movements
    const userIds = players.map(({ recording }) => recording.userId)
    const judgedBy = Date.now() + AT_REST_WITHIN_MS
    for (;;) {
      const facts = await readFacts(cluster.pool, beganAfter, userIds)
      const finished = players.map(({ plan, recording }) => {
        const rights = rightsOf(recording, facts)
        return {
          plan,
          recording,
          rights,
          verdict: checkDeliveries(recording, rights, facts.entries),
        }
      })
      const isAtRest = players.every(
        ({ client }, index) =>
          finished[index]?.verdict.missing.length === 0 &&
          (client.isIn() || finished[index].rights.states.at(-1)?.isActive === false),
      )
      if (isAtRest || Date.now() > judgedBy) {
        const never = finished.flatMap(({ recording, rights }, index) =>
          players[index]?.client.isIn() === false && rights.states.at(-1)?.isActive === true
            ? [recording]
            : [],
        )
        for (const { index, attempts } of never) {
          const codes = attempts.slice(-3).map(({ code }) => code ?? 'open')
          console.log(`history ${String(index)} did not get in again: ${codes.join(', ')}`)
        }
        return {
          finished: never.length === 0 ? finished : finished.map(notIn(never)),
          facts,
          faults,
          movements: moved,
        }
      }
      await delay(500)
    }
  } finally {
    for (const { client } of players) client.stop()
  }
}

/** A client that is kept out for good misses everything. */
const notIn =
  (never: readonly Recording[]) =>
  (one: Finished): Finished =>
    never.includes(one.recording)
      ? {
          ...one,
          verdict: { ...one.verdict, missing: [...one.verdict.missing, 'all: it is not let in'] },
        }
      : one

const addUsers = async ({ pool }: Cluster, plans: readonly Plan[]): Promise<string[]> => {
  const { rows } = await pool.query<{ id: string; username: string }>(
    `insert into users (username, email, role)
     select 'h' || n, 'h' || n || '@example.org', role from unnest($1::integer[], $2::text[]) as t (n, role)
     returning id, username`,
    [plans.map(({ index }) => index), plans.map(({ baseRole }) => baseRole)],
  )
  const ids = new Map(rows.map(({ id, username }) => [username, id]))
  return plans.map(({ index }) => ids.get(`h${String(index)}`) ?? '')
}

const startPlayer = (cluster: Cluster, plan: Plan, userId: string, random: Random): Player => {
  const { index, baseRole, client: kind } = plan
  const recording: Recording = {
    index,
    userId,
    baseRole,
    client: kind,
    acts: [],
    attempts: [],
    snapshots: [],
  }
  const performer = createPerformer(cluster, recording, random.fork('acts'))
  const options = {
    recording,
    nodes: cluster.nodes,
    token: () =>
      signToken(cluster.secret, userId, {
        issuedAt: Math.max(Date.now() - BEFORE_ALL_CLOCKS_MS, performer.endedAt() + 1),
      }),
    random: random.fork('client'),
  }
  const client =
    kind === 'light'
      ? startLightClient(options)
      : kind === 'stock'
        ? startStockClient(options)
        : startPackageClient(options, () => readSnapshot(cluster))
  return { plan, recording, performer, client }
}

/** As an administrator: who may see it is not what this reading is about. */
const readSnapshot = async ({ rest, nodes, adminToken }: Cluster) => {
  for (const { url } of [...nodes, ...nodes]) {
    const call = { url, method: 'GET', path: '/api/inventory?limit=100', token: adminToken() }
    const answer = await rest(call).catch(() => undefined)
    if (answer?.status !== 200) continue
    const { position, items } = answer.body as {
      position: { epoch: string; seq: number }
      items: []
    }
    return { position, items }
  }
  throw new Error('No node answered.')
}

const play = async ({ plan, performer, client }: Player, startedAt: number): Promise<void> => {
  for (const step of plan.steps) {
    await delay(Math.max(0, startedAt + step.at - Date.now()))
    if (step.do === 'offline') client.away(step.ms)
    else await performer.perform(step)
  }
}
