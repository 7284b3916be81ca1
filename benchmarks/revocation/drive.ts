import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../../e2e/rig/random.js'
import { waitUntil } from '../../e2e/rig/timing.js'
import type { Database } from '../../src/storage/database.js'
import type { Rig } from '../frame/rig.js'
import type { Watched } from './client.js'
import { monotonicMs } from './moments.js'
import { createPeople, type Person } from './people.js'

/** The ways in which a right ends here, each by plain SQL, and how often. */
const WAYS = [
  { name: 'deactivated', sql: 'update users set is_active = false where id = $1' },
  { name: 'session ended', sql: 'update sessions set ended_at = now() where user_id = $1' },
  { name: 'deactivated', sql: 'update users set is_active = false where id = $1' },
  { name: 'role changed', sql: `update users set role = 'doctor' where id = $1` },
] as const

export type Way = (typeof WAYS)[number]['name']

/** One end of a right, and those whom it concerned. */
export interface Revoked extends Person {
  readonly way: Way
  /** When COMMIT was sent, and when it was answered, in ms of `monotonicMs`. */
  readonly sentAt: number
  readonly committedAt: number
}

export interface Drive {
  readonly revocations: number
  readonly revocationsPerSecond: number
  readonly changesPerSecond: number
  /** Users that are connected at a time, each to all nodes. */
  readonly present: number
  /** Called once, after half of the revocations. */
  readonly midway?: () => Promise<void>
}

export interface Driven {
  readonly revoked: readonly Revoked[]
  /** Stock changes that were committed meanwhile. */
  readonly changes: number
  /** From the first to the last of them. */
  readonly seconds: number
}

const ITEMS = 100
const GIVE_UP_AFTER_MS = 15_000
/** How long a client whose role has changed is watched for what it must no longer get. */
const WATCH_MS = 1_000

/**
 * Ends rights at random moments while the stock changes at others. Who has lost his right makes place for another user, so the
 * number of sockets stays. Neither waits for what came before it.
 */
export const drive = async (rig: Rig, random: Random, wanted: Drive): Promise<Driven> => {
  const people = await createPeople(rig, wanted.revocations + wanted.present)
  const present: Person[] = []
  const enter = async (): Promise<void> => {
    present.push(await people.next())
  }
  for (let count = 0; count < wanted.present; count += 1) await enter()

  const revoked: Revoked[] = []
  const revokeNext = async (index: number): Promise<void> => {
    const person = present.shift()
    if (person === undefined) throw new Error('Nobody is connected: connecting is too slow.')
    const { name, sql } = WAYS[index % WAYS.length] ?? WAYS[0]
    const times = await commit(rig.database, sql, [person.userId])
    const revocation: Revoked = { ...person, way: name, ...times }
    revoked.push(revocation)
    await waitUntil(() => person.sockets.every((s) => isOver(name, s)), GIVE_UP_AFTER_MS)
    if (name === 'role changed') await delay(WATCH_MS)
    for (const { stop } of person.sockets) stop()
    await enter()
  }
  const changeNext = (): Promise<unknown> =>
    commit(
      rig.database,
      `update inventory_lots set quantity = 1 + (quantity + 7) % 1000 where sku = $1`,
      [`revocation-${String(random.int(1, ITEMS))}`],
    )

  await addItems(rig.database)
  const startedAt = monotonicMs()
  let seconds = 0
  const stop = new AbortController()
  const changing = atRandom(
    random.fork('changes'),
    wanted.changesPerSecond,
    stop.signal,
    changeNext,
  )
  await atRandom(random, wanted.revocationsPerSecond, stop.signal, async (index) => {
    if (index === Math.floor(wanted.revocations / 2)) await wanted.midway?.()
    if (index === wanted.revocations - 1) {
      seconds = (monotonicMs() - startedAt) / 1_000
      stop.abort()
    }
    await revokeNext(index)
  })
  const changes = await changing
  for (const { sockets } of present) for (const { stop: end } of sockets) end()
  return { revoked, changes, seconds }
}

/** Whether the socket has got what this way of ending does to it, and its client was told no when it came back. */
const isOver = (way: Way, socket: Watched): boolean =>
  way === 'role changed'
    ? socket.movedAt() !== undefined || socket.endedAt() !== undefined
    : socket.endedAt() !== undefined && socket.refusal() !== undefined

const commit = async (
  database: Database,
  sql: string,
  params: readonly string[],
): Promise<Pick<Revoked, 'sentAt' | 'committedAt'>> => {
  let sentAt = 0
  await database.transaction(async (tx) => {
    await tx.query(sql, params)
    sentAt = monotonicMs()
  })
  return { sentAt, committedAt: monotonicMs() }
}

/** Begins `work` at random moments until the signal; resolves, when all has ended, to how many there were. */
const atRandom = async (
  random: Random,
  perSecond: number,
  signal: AbortSignal,
  work: (index: number) => Promise<unknown>,
): Promise<number> => {
  const begun: Promise<unknown>[] = []
  let due = monotonicMs()
  while (!signal.aborted) {
    due += (-Math.log(1 - random.next()) * 1_000) / perSecond
    await delay(Math.max(0, due - monotonicMs()))
    begun.push(work(begun.length))
  }
  await Promise.all(begun)
  return begun.length
}

const addItems = (database: Database): Promise<unknown> =>
  database.query(
    `with items as (
       insert into inventory_items (sku, name)
         select 'revocation-' || n, 'Item ' || n from generate_series(1, $1::integer) n
       on conflict do nothing returning sku)
     insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       select sku, 'L1', 100, date '2099-01-01' from items`,
    [ITEMS],
  )
