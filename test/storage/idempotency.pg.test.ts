import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import type { Queryable } from '../../src/storage/database.js'
import { once, removeOldAnswers } from '../../src/storage/idempotency.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'

interface Counter {
  readonly database: TestDatabase
  readonly count: (tx: Queryable) => Promise<{ n: number; z: string; a: string }>
  readonly total: () => Promise<number>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Work that can be seen: each run that is kept adds one. */
const createCounter = async (): Promise<Counter> => {
  const database = await createTestDatabase()
  await database.script('create table counter (n integer); insert into counter values (0)')
  return {
    database,
    count: async (tx) => {
      const [row] = await tx.query<{ n: number }>('update counter set n = n + 1 returning n')
      return { z: 'first', n: row?.n ?? 0, a: 'last' }
    },
    total: async () => (await database.query<{ n: number }>('select n from counter'))[0]?.n ?? -1,
    [Symbol.asyncDispose]: database[Symbol.asyncDispose],
  }
}

const request = { userId: 'u1', key: 'k1', request: { do: 'count', by: { one: 1, two: 2 } } }

describe('once', () => {
  it('does the work one time and repeats the answer to the letter', async () => {
    await using counter = await createCounter()
    const first = await once(counter.database, request, counter.count)
    const second = await once(counter.database, request, counter.count)
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
    expect(await counter.total()).toBe(1)
  })

  it('takes a request with its members in another order for the same', async () => {
    await using counter = await createCounter()
    await once(counter.database, request, counter.count)
    const reordered = { ...request, request: { by: { two: 2, one: 1 }, do: 'count' } }
    expect(await once(counter.database, reordered, counter.count)).toMatchObject({ n: 1 })
  })

  it('does the work each time without a key, under another key and for another user', async () => {
    await using counter = await createCounter()
    for (const other of [
      request,
      { userId: 'u1', request: 1 },
      { userId: 'u1', request: 1 },
      { ...request, key: 'k2' },
      { ...request, userId: 'u2' },
    ]) {
      await once(counter.database, other, counter.count)
    }
    expect(await counter.total()).toBe(5)
  })

  it('refuses another request under the same key', async () => {
    await using counter = await createCounter()
    await once(counter.database, request, counter.count)
    await expect(
      once(counter.database, { ...request, request: { do: 'something else' } }, counter.count),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(await counter.total()).toBe(1)
  })

  it('refuses a key that is not 1 to 255 printable ASCII characters', async () => {
    await using counter = await createCounter()
    for (const key of ['', 'x'.repeat(256), 'é', 'a\nb', 'a\0']) {
      await expect(
        once(counter.database, { ...request, key }, counter.count),
      ).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      })
    }
    await once(counter.database, { ...request, key: '~'.repeat(255) }, counter.count)
    expect(await counter.total()).toBe(1)
  })

  it('repeats a refusal, which left nothing behind', async () => {
    await using counter = await createCounter()
    let runs = 0
    const refuse = async (tx: Queryable): Promise<never> => {
      runs += 1
      await counter.count(tx)
      await tx.query('select 1 / 0').catch(() => undefined)
      throw new AppError('INVENTORY_INSUFFICIENT_STOCK', {
        detail: 'Too much.',
        details: { requested: 2, available: 1 },
      })
    }
    for (const attempt of [1, 2]) {
      await expect(
        once(counter.database, request, refuse),
        attempt.toString(),
      ).rejects.toMatchObject({
        code: 'INVENTORY_INSUFFICIENT_STOCK',
        message: 'Not enough stock',
        detail: 'Too much.',
        details: { requested: 2, available: 1 },
      })
    }
    expect(runs).toBe(1)
    expect(await counter.total()).toBe(0)
  })

  it('forgets what failed for reasons that may pass', async () => {
    await using counter = await createCounter()
    for (const error of [
      new Error('bug'),
      new AppError('SERVER_UNAVAILABLE'),
      new AppError('INTERNAL'),
    ]) {
      const fail = async (tx: Queryable): Promise<never> => {
        await counter.count(tx)
        throw error
      }
      await expect(once(counter.database, request, fail)).rejects.toBe(error)
    }
    expect(await once(counter.database, request, counter.count)).toMatchObject({ n: 1 })
  })

  it('does the work once for many that ask at the same time', async () => {
    await using counter = await createCounter()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => once(counter.database, request, counter.count)),
    )
    expect(answers.map(({ n }) => n)).toEqual(Array(8).fill(1))
    expect(await counter.total()).toBe(1)
  })

  itPostgresOnly('needs several connections')(
    'tells a duplicate to come back where the first takes too long',
    async () => {
      await using counter = await createCounter()
      const impatient = createPostgres({
        url: counter.database.url ?? '',
        statementTimeoutMs: 100,
        onError: () => undefined,
      })
      try {
        await once(counter.database, request, async (tx) => {
          await expect(once(impatient, request, counter.count)).rejects.toMatchObject({
            code: 'IDEMPOTENCY_IN_PROGRESS',
          })
          return counter.count(tx)
        })
        expect(await once(impatient, request, counter.count)).toMatchObject({ n: 1 })
      } finally {
        await impatient.close()
      }
    },
  )

  itPostgresOnly('needs a connection that can be lost')(
    'leaves neither work nor answer where the connection is lost in the middle',
    async () => {
      await using counter = await createCounter()
      const cut = async (tx: Queryable): Promise<unknown> => {
        await counter.count(tx)
        const [me] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
        await counter.database.query('select pg_terminate_backend($1)', [me?.pid ?? 0])
        return tx.query('select 1')
      }
      await expect(once(counter.database, request, cut)).rejects.toThrow()
      expect(await once(counter.database, request, counter.count)).toMatchObject({ n: 1 })
    },
  )
})

describe('removeOldAnswers', () => {
  it('forgets answers after 24 hours and not before', async () => {
    await using counter = await createCounter()
    await once(counter.database, request, counter.count)
    await once(counter.database, { ...request, key: 'k2' }, counter.count)
    await counter.database.query(`update idempotency_keys
      set created_at = now() - case key when 'k1' then interval '24:01' else interval '23:59' end`)
    expect(await removeOldAnswers(counter.database)).toBe(1)
    expect(await once(counter.database, { ...request, key: 'k2' }, counter.count)).toMatchObject({
      n: 2,
    })
    expect(await once(counter.database, request, counter.count)).toMatchObject({ n: 3 })
  })
})
