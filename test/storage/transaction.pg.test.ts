import { describe, expect, it } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'

const manyConnections = itPostgresOnly('needs several connections')

describe('transaction', () => {
  it('rejects where a failed statement was swallowed, because COMMIT would roll back silently', async () => {
    await using database = await createTestDatabase()
    await database.script('create table t (n integer primary key)')
    await expect(
      database.transaction(async (tx) => {
        await tx.query('insert into t values (1)')
        await tx.query('insert into t values (1)').catch(() => undefined)
      }),
    ).rejects.toThrow(/rolled back/)
    expect(await database.query('select n from t')).toEqual([])
  })

  it('commits where the failed statement was undone by a savepoint', async () => {
    await using database = await createTestDatabase()
    await database.script('create table t (n integer primary key)')
    await database.transaction(async (tx) => {
      await tx.query('insert into t values (1)')
      await tx.query('savepoint s')
      await tx.query('insert into t values (1)').catch(() => undefined)
      await tx.query('rollback to s')
    })
    expect(await database.query('select n from t')).toEqual([{ n: 1 }])
  })

  it('rolls back and rethrows what the work throws', async () => {
    await using database = await createTestDatabase()
    await database.script('create table t (n integer)')
    const mine = new Error('mine')
    await expect(
      database.transaction(async (tx) => {
        await tx.query('insert into t values (1)')
        throw mine
      }),
    ).rejects.toBe(mine)
    expect(await database.query('select n from t')).toEqual([])
  })

  it('reads one moment in a snapshot, and writes nothing there', async () => {
    await using database = await createTestDatabase()
    await database.script('create table t (n integer)')
    await expect(
      database.transaction((tx) => tx.query('insert into t values (1)'), { snapshot: true }),
    ).rejects.toThrow(/read-only/)
  })

  it('gives the same JavaScript values on both stores', async () => {
    await using database = await createTestDatabase()
    expect(
      await database.query(
        `select 9007199254740991::bigint as big, date '2030-02-01' as day, timestamptz '2030-01-01Z' as at,
          '{"a": [1]}'::jsonb as json, $1::text[] as names, null as nothing`,
        [['a', 'b "c"', 'd,e']],
      ),
    ).toEqual([
      {
        big: 9007199254740991,
        day: '2030-02-01',
        at: new Date('2030-01-01T00:00:00Z'),
        json: { a: [1] },
        names: ['a', 'b "c"', 'd,e'],
        nothing: null,
      },
    ])
  })

  manyConnections('tries again after a deadlock', async () => {
    await using database = await createTestDatabase()
    await database.script(
      'create table t (id integer, n integer default 0); insert into t values (1), (2)',
    )
    let firstLocksHeld = 0
    let tries = 0
    const swap = (ids: readonly [number, number]): Promise<void> =>
      database.transaction(async (tx) => {
        tries += 1
        await tx.query('update t set n = n + 1 where id = $1', [ids[0]])
        firstLocksHeld += 1
        await expect.poll(() => firstLocksHeld).toBeGreaterThanOrEqual(2)
        await tx.query('update t set n = n + 1 where id = $1', [ids[1]])
      })
    await Promise.all([swap([1, 2]), swap([2, 1])])
    // Whoever is chosen may lose to the other a second time on a busy machine.
    expect(tries).toBeGreaterThan(2)
    expect(await database.query('select n from t')).toEqual([{ n: 2 }, { n: 2 }])
  })

  manyConnections('cancels a statement that runs too long and serves on', async () => {
    await using server = await createTestDatabase()
    const database = createPostgres({
      url: server.url ?? '',
      poolSize: 1,
      statementTimeoutMs: 100,
      onError: () => undefined,
    })
    try {
      await expect(database.query('select pg_sleep(20)')).rejects.toMatchObject({ code: '57014' })
      await expect(
        database.transaction((tx) => tx.query('select pg_sleep(20)')),
      ).rejects.toMatchObject({ code: '57014' })
      expect(await database.query('select 1 as one')).toEqual([{ one: 1 }])
    } finally {
      await database.close()
    }
  })

  manyConnections('survives the loss of its connection in the middle', async () => {
    await using database = await createTestDatabase()
    await expect(
      database.transaction(async (tx) => {
        const [me] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
        await database.query('select pg_terminate_backend($1)', [me?.pid ?? 0])
        await tx.query('select 1')
      }),
    ).rejects.toThrow()
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }])
  })
})
