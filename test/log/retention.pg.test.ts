import { describe, expect, it } from 'vitest'
import { createRetention } from '../../src/log/retention.js'
import type { Database } from '../../src/storage/database.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'
import { countScannedEntries } from './support.js'

const HOUR_MS = 3_600_000

describe('retention of the event log', () => {
  it('removes old entries in batches and moves the beginning of the log along', async () => {
    await using database = await createTestDatabase()
    await fill(database, 100, 60)
    const retention = createRetention({ database, eventRetentionMs: HOUR_MS, batchSize: 7 })
    expect(await retention.run()).toBe(60)
    expect(await state(database)).toEqual({ first: 61, last: 100, rows: 40, trimmed_seq: 60 })
    expect(await retention.run()).toBe(0)
    expect(await state(database)).toEqual({ first: 61, last: 100, rows: 40, trimmed_seq: 60 })
  })

  it('never removes the newest entry', async () => {
    await using database = await createTestDatabase()
    await fill(database, 10, 10)
    expect(await createRetention({ database, eventRetentionMs: HOUR_MS }).run()).toBe(9)
    expect(await state(database)).toEqual({ first: 10, last: 10, rows: 1, trimmed_seq: 9 })
  })

  it('does nothing on an empty log', async () => {
    await using database = await createTestDatabase()
    expect(await createRetention({ database, eventRetentionMs: HOUR_MS }).run()).toBe(0)
    expect(await state(database)).toMatchObject({ trimmed_seq: 0 })
  })

  it('leaves no hole where a clock went back', async () => {
    await using database = await createTestDatabase()
    await fill(database, 10, 3)
    await insert(database, 11, 12, 2 * HOUR_MS)
    expect(await createRetention({ database, eventRetentionMs: HOUR_MS }).run()).toBe(3)
    expect(await state(database)).toEqual({ first: 4, last: 12, rows: 9, trimmed_seq: 3 })
  })

  it('stops between two batches when it is told to', async () => {
    await using database = await createTestDatabase()
    await fill(database, 100, 60)
    const retention = createRetention({ database, eventRetentionMs: HOUR_MS, batchSize: 7 })
    expect(await retention.run(AbortSignal.abort())).toBe(0)
    expect(await state(database)).toMatchObject({ first: 1, trimmed_seq: 0 })
  })

  itPostgresOnly('needs several connections')(
    'removes each entry once when several nodes run it at once',
    async () => {
      await using database = await createTestDatabase()
      await fill(database, 2_000, 1_500)
      const retention = createRetention({ database, eventRetentionMs: HOUR_MS, batchSize: 50 })
      const removed = await Promise.all(Array.from({ length: 6 }, () => retention.run()))
      const rest = await retention.run()
      expect(removed.reduce((sum, each) => sum + each, rest)).toBe(1_500)
      expect(await state(database)).toMatchObject({ first: 1_501, trimmed_seq: 1_500 })
    },
  )

  it('looks at no entry that stays, however many there are', async () => {
    await using database = await createTestDatabase()
    await fill(database, 5_000, 100)
    const seen = countScannedEntries(database)
    await seen.database.transaction((tx) =>
      tx.query('delete from event_log where seq in (1, 2, 3)'),
    )
    expect(seen.entries()).toBe(0)
  })

  it('is told of by the head where plain SQL removes entries', async () => {
    await using database = await createTestDatabase()
    await fill(database, 5, 3)
    await database.query('delete from event_log where seq <= 3')
    expect(await state(database)).toEqual({ first: 4, last: 5, rows: 2, trimmed_seq: 3 })
  })
})

/** Entries 1 to `entries`, of which the first `old` are two hours old. */
const fill = async (database: Database, entries: number, old: number): Promise<void> => {
  await insert(database, 1, old, 2 * HOUR_MS)
  await insert(database, old + 1, entries, 0)
}

const insert = async (
  database: Database,
  first: number,
  last: number,
  ageMs: number,
): Promise<void> => {
  await database.query(
    `insert into event_log (seq, name, audience, payload, at)
     select seq, 'inventory:update', 'stock', '{}', clock_timestamp() - $3 * interval '1 millisecond'
     from generate_series($1::bigint, $2::bigint) as seq`,
    [first, last, ageMs],
  )
  await database.query('update log_head set seq = greatest(seq, $1)', [last])
}

const state = async (database: Database) => {
  const [row] = await database.query(
    `select (select min(seq) from event_log) as first, (select max(seq) from event_log) as last,
       (select count(*)::integer from event_log) as rows, trimmed_seq from log_head`,
  )
  return row
}
