import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDueWriter, DUE_IN_MS, type DueWriter } from '../../src/log/due.js'
import type { Database } from '../../src/storage/database.js'
import { putOffEscalations } from '../inventory/test-clock.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'

/** An item with a lot whose last day is 2040-01-01, by a clock of the database that runs far from every other. */
const createShelf = async (now: string): Promise<TestDatabase> => {
  const database = await createTestDatabase()
  await putOffEscalations(database)
  await database.script(`
    create table test_clock (ahead interval not null);
    insert into test_clock values (timestamptz '${now}' - clock_timestamp());
    create or replace function log_now() returns timestamptz language sql volatile
      as 'select clock_timestamp() + ahead from public.test_clock';
    insert into inventory_items (sku, name) values ('a', 'A');
    insert into inventory_lots values ('a', 'L', 5, '2040-01-01')`)
  return database
}

const setClock = (database: Database, now: string): Promise<unknown> =>
  database.query(`update test_clock set ahead = timestamptz '${now}' - clock_timestamp()`)

const lookOnce = async (database: Database, writer: DueWriter): Promise<number | null> => {
  const [row] = await database.query<{ due_in_ms: number | null }>(`select ${DUE_IN_MS}`)
  const dueInMs = row?.due_in_ms ?? null
  writer.look(dueInMs)
  return dueInMs
}

const expiredEntries = (database: Database): Promise<unknown[]> =>
  database.query(`select seq from event_log where payload ->> 'type' = 'expired'`)

const WAIT = { timeout: 20_000, interval: 50 }

const writerOf = (database: Database): DueWriter & AsyncDisposable => {
  const writer = createDueWriter({
    database,
    onError: (error) => {
      throw error
    },
  })
  return { ...writer, [Symbol.asyncDispose]: writer.stop }
}

describe('a due writer', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  // The embedded store has the clock of the process.
  const ownClock = itPostgresOnly('needs a database with a clock of its own')
  for (const [name, off] of [
    ['a day ahead', 86_400_000],
    ['a day behind', -86_400_000],
  ] as const) {
    ownClock(`writes when the database says so, with a clock that is ${name}`, async () => {
      await using database = await createShelf('2040-01-01 12:00Z')
      await using writer = writerOf(database)
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + off })
      await setClock(database, '2040-01-01 23:59:58Z')
      expect(await lookOnce(database, writer)).toBeGreaterThan(0)
      await vi.waitFor(async () => {
        expect(await expiredEntries(database)).toHaveLength(1)
      }, WAIT)
      expect(await lookOnce(database, writer)).toBeGreaterThan(2 ** 31)
    })
  }

  it('writes at once what is overdue, and waits for nothing that is years away', async () => {
    await using database = await createShelf('2040-01-01 12:00Z')
    await database.query(`insert into inventory_lots values ('a', 'far', 5, '2099-01-01')`)
    await setClock(database, '2040-01-03 12:00Z')
    await using writer = writerOf(database)
    await lookOnce(database, writer)
    await vi.waitFor(async () => {
      const dueInMs = await lookOnce(database, writer)
      // Beyond what a timer can hold, which would fire at once.
      expect(dueInMs).toBeGreaterThan(2 ** 31)
    }, WAIT)
    const [head] = await database.query('select seq from log_head')
    await lookOnce(database, writer)
    expect(await database.query('select seq from log_head')).toEqual([head])
  })

  it('tells of a failure and tries again at the next look', async () => {
    await using database = await createShelf('2040-01-01 12:00Z')
    await setClock(database, '2040-01-03 12:00Z')
    const failures: unknown[] = []
    let broken = true
    const flaky: Database = {
      ...database,
      transaction: (work, options) =>
        broken ? Promise.reject(new Error('down')) : database.transaction(work, options),
    }
    const writer = createDueWriter({ database: flaky, onError: (error) => failures.push(error) })
    writer.look(0)
    await vi.waitFor(() => {
      expect(failures).toHaveLength(1)
    }, WAIT)
    broken = false
    writer.look(0)
    await vi.waitFor(async () => {
      expect(await database.query(`select * from due where kind = 'item'`)).toEqual([])
    }, WAIT)
    await writer.stop()
  })
})
