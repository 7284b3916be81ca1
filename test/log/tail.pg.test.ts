import { describe, expect, it } from 'vitest'
import type { LogEntry } from '../../src/log/entry.js'
import { createEventLog } from '../../src/log/event-log.js'
import { createTail, type Tail, type TailOptions } from '../../src/log/tail.js'
import type { Database } from '../../src/storage/database.js'
import { writeDue } from '../../src/log/due.js'
import { setClock } from '../inventory/test-clock.js'
import { createTestDatabase } from '../support/world.js'

const addUser = (database: Database, name: string): Promise<unknown> =>
  database.query(`insert into users (username, email, role) values ($1, $1 || '@x', 'doctor')`, [
    name,
  ])

interface FollowedTail extends AsyncDisposable {
  readonly tail: Tail
  readonly entries: LogEntry[]
  /** Sizes of what was handed over at a time. */
  readonly batches: number[]
  readonly resets: string[]
  readonly errors: unknown[]
  /** What listeners threw. */
  readonly failures: unknown[]
}

const NAMES = ['a', 'b', 'c', 'd', 'e']

/** Follows with batches of 2, and has NAMES added while the tail cannot read and becomes stale. */
const missNames = async (
  real: Database,
  options: { readonly staleAfterMs: number; readonly maxMissed?: number },
): Promise<FollowedTail> => {
  const { database, state } = faulty(real)
  const followed = await follow({ database, pollEveryMs: 20, batchSize: 2, ...options })
  state.isDown = true
  for (const name of NAMES) await addUser(real, name)
  await expect.poll(() => followed.tail.confirmedAgeMs()).toBeGreaterThan(options.staleAfterMs)
  state.isDown = false
  return followed
}

const follow = async (
  options: Omit<TailOptions, 'onError' | 'onListenerFailed'>,
): Promise<FollowedTail> => {
  const errors: unknown[] = []
  const entries: LogEntry[] = []
  const batches: number[] = []
  const resets: string[] = []
  const failures: unknown[] = []
  const tail = createTail({
    ...options,
    onError: (error) => errors.push(error),
    onListenerFailed: (error) => failures.push(error),
  })
  tail.subscribe({
    onEntries: (batch) => {
      entries.push(...batch)
      batches.push(batch.length)
    },
    onReset: ({ reason }) => resets.push(reason),
  })
  await tail.start()
  return {
    tail,
    entries,
    batches,
    resets,
    errors,
    failures,
    [Symbol.asyncDispose]: () => tail.stop(),
  }
}

/** The same database, whose notifications never arrive and whose reads fail while `isDown`. */
const faulty = (database: Database) => {
  const state = { isDown: false }
  const query: Database['query'] = (sql, params) =>
    state.isDown ? Promise.reject(new Error('down')) : database.query(sql, params)
  return {
    state,
    database: { ...database, query, listen: () => Promise.resolve(() => Promise.resolve()) },
  }
}

describe('the tail', () => {
  it('begins at the head and hands over what follows, once and in order', async () => {
    await using database = await createTestDatabase()
    await addUser(database, 'before')
    await using followed = await follow({ database, batchSize: 2 })
    for (const name of NAMES) await addUser(database, name)

    await expect.poll(() => followed.entries.length).toBe(5)
    expect(followed.entries.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6])
    expect(followed.tail.position().seq).toBe(6)
  })

  it('has handed over everything committed before a call of catchUp when that resolves', async () => {
    await using database = await createTestDatabase()
    await using followed = await follow({ database, pollEveryMs: 60_000 })
    for (let round = 1; round <= 20; round += 1) {
      const earlier = followed.tail.catchUp()
      await addUser(database, `user-${round.toString()}`)
      await followed.tail.catchUp()
      expect(followed.entries.length).toBe(round)
      await earlier
    }
  })

  it('tells a listener that threw to begin again, while the others see the batch and all that follows', async () => {
    await using database = await createTestDatabase()
    await using followed = await follow({ database })
    const bad: string[] = []
    const beforeOther = followed.tail.subscribe({
      onEntries: ([first]) => {
        bad.push(`entries from ${String(first?.seq)}`)
        if (bad.length === 1) throw new Error('a defect')
      },
      onReset: ({ reason, position }) => {
        bad.push(`${reason} at ${position.seq.toString()}`)
        throw new Error('a defect in the reset as well')
      },
    })
    const later: number[] = []
    followed.tail.subscribe({
      onEntries: (entries) => later.push(...entries.map(({ seq }) => seq)),
      onReset: () => later.push(-1),
    })
    await addUser(database, 'one')
    await followed.tail.catchUp()
    await addUser(database, 'two')
    await followed.tail.catchUp()
    beforeOther()

    expect(bad).toEqual(['entries from 1', 'listener_failed at 1', 'entries from 2'])
    expect(later).toEqual([1, 2])
    expect(followed.entries.map(({ seq }) => seq)).toEqual([1, 2])
    expect(followed.failures.map(String)).toEqual([
      'Error: a defect',
      'Error: a defect in the reset as well',
    ])
    expect(followed.errors).toEqual([])
  })

  it('finds by polling what no notification announced', async () => {
    await using real = await createTestDatabase()
    const { database } = faulty(real)
    await using followed = await follow({ database, pollEveryMs: 50 })
    await addUser(real, 'quiet')

    await expect.poll(() => followed.entries.length).toBe(1)
  })

  it('knows how old its knowledge is while the database is away, and goes on afterwards', async () => {
    await using real = await createTestDatabase()
    const { database, state } = faulty(real)
    await using followed = await follow({ database, pollEveryMs: 20 })
    state.isDown = true
    await addUser(real, 'meanwhile')

    await expect.poll(() => followed.tail.confirmedAgeMs()).toBeGreaterThan(300)
    await expect.poll(() => followed.errors.length).toBeGreaterThan(1)
    state.isDown = false
    await expect.poll(() => followed.entries.length).toBe(1)
    const before = followed.tail.confirmedAgeMs()
    await expect.poll(() => followed.tail.confirmedAgeMs()).toBeLessThan(before)
  })

  it('hands over at once what it missed while its knowledge was stale', async () => {
    await using real = await createTestDatabase()
    await using followed = await missNames(real, { staleAfterMs: 300 })

    await expect.poll(() => followed.batches).toEqual([NAMES.length])
  })

  it('asks again where the answer came too late to be the head', async () => {
    await using real = await createTestDatabase()
    const held: (() => void)[] = []
    let isHeld = false
    const query = async <Row>(...asked: Parameters<Database['query']>): Promise<Row[]> => {
      const rows = await real.query<Row>(...asked)
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve))
      return rows
    }
    await using followed = await follow({
      database: { ...real, query, listen: () => Promise.resolve(() => Promise.resolve()) },
      pollEveryMs: 20,
      staleAfterMs: 200,
    })
    isHeld = true
    await expect.poll(() => held.length).toBe(1)
    await addUser(real, 'before')
    held.splice(0).forEach((answer) => {
      answer()
    })
    await expect.poll(() => held.length).toBe(1)
    // So old that the answer is too late to be the head.
    const ageMs = followed.tail.confirmedAgeMs()
    await expect.poll(() => followed.tail.confirmedAgeMs() - ageMs).toBeGreaterThan(200)
    await addUser(real, 'meanwhile')
    isHeld = false
    for (const answer of held) answer()

    await expect.poll(() => followed.batches).toEqual([2])
  })

  it('begins again at the head where it missed too much while it was stale', async () => {
    await using real = await createTestDatabase()
    await using followed = await missNames(real, { staleAfterMs: 100, maxMissed: 3 })

    await expect.poll(() => followed.resets).toEqual(['snapshot_cheaper'])
    expect(followed.entries).toEqual([])
    expect(followed.tail.position().seq).toBe(NAMES.length)
    await addUser(real, 'f')
    await expect.poll(() => followed.entries.length).toBe(1)
  })

  it('tells a reset where the log has another name, and goes on at its head', async () => {
    await using database = await createTestDatabase()
    await using followed = await follow({ database })
    await addUser(database, 'a')
    await expect.poll(() => followed.entries.length).toBe(1)
    await database.query('select start_new_epoch()')

    await expect.poll(() => followed.resets).toEqual(['epoch_changed'])
    await addUser(database, 'b')
    await expect.poll(() => followed.entries.length).toBe(2)
    expect(followed.tail.recentAfter(0, 10)).toBeUndefined()
  })

  it('tells a reset where what follows its place was removed', async () => {
    await using real = await createTestDatabase()
    const { database, state } = faulty(real)
    await using followed = await follow({ database, pollEveryMs: 20 })
    state.isDown = true
    for (const name of ['a', 'b', 'c']) await addUser(real, name)
    await real.query('delete from event_log where seq < 3')
    await real.query('update log_head set trimmed_seq = 2')
    state.isDown = false

    await expect.poll(() => followed.resets).toEqual(['position_too_old'])
    expect(followed.entries).toEqual([])
    expect(followed.tail.position().seq).toBe(3)
  })

  it('remembers at its start what was committed shortly before', async () => {
    await using database = await createTestDatabase()
    for (const name of NAMES) await addUser(database, name)
    await using followed = await follow({ database, rememberAtStart: 3 })

    expect(followed.entries).toEqual([])
    expect(followed.tail.recentAfter(2, 10)?.map(({ seq }) => seq)).toEqual([3, 4, 5])
    expect(followed.tail.recentAfter(1, 10)).toBeUndefined()
    await addUser(database, 'f')
    await expect.poll(() => followed.tail.recentAfter(2, 10)?.length).toBe(4)
  })

  it('is not confirmed while a granted role has ended of which the log does not tell', async () => {
    await using database = await createTestDatabase()
    await setClock(database, '2027-05-01 12:00Z')
    await addUser(database, 'a')
    await database.query(
      `insert into role_grants (user_id, role, valid_until, reason)
       select id, 'admin', '2027-05-01 13:00Z', 'x' from users`,
    )
    await using followed = await follow({ database, pollEveryMs: 20, staleAfterMs: 200 })
    const { tail } = followed
    expect(tail.freshness()).toBe('fresh')
    await setClock(database, '2027-05-01 13:00Z')
    await expect.poll(() => tail.freshness()).toBe('stale')
    await writeDue(database)
    await expect.poll(() => tail.freshness()).toBe('fresh')
    // One that has yet to begin takes nothing away.
    await database.query(
      `insert into role_grants (user_id, role, valid_from, valid_until, reason)
       select id, 'admin', '2027-05-01 14:00Z', '2027-05-01 15:00Z', 'x' from users`,
    )
    await setClock(database, '2027-05-01 14:30Z')
    expect(await createEventLog(database).range(0, 1)).toMatchObject({
      dueInMs: -1_800_000,
      isEndOverdue: false,
    })
  })

  it('keeps the newest entries in memory', async () => {
    await using database = await createTestDatabase()
    await using followed = await follow({ database })
    for (const name of ['a', 'b', 'c']) await addUser(database, name)

    await expect.poll(() => followed.entries.length).toBe(3)
    expect(followed.tail.recentAfter(1, 10)?.map(({ seq }) => seq)).toEqual([2, 3])
    expect(followed.tail.recentAfter(1, 1)?.map(({ seq }) => seq)).toEqual([2])
    expect(followed.tail.recentAfter(3, 10)).toEqual([])
  })
})
