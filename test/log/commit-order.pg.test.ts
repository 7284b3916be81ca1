import { describe, expect } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'
import { stockShelf } from './support.js'

const manyConnections = itPostgresOnly('needs several connections')

const take = (sku: string): string =>
  `update inventory_lots set quantity = quantity + 1 where sku = '${sku}' and lot_number = 'L1'`

describe('the order of numbers', () => {
  manyConnections(
    'is the order of commits: who reads on from a number never misses one',
    async () => {
      await using database = await createTestDatabase({ poolSize: 12 })
      await stockShelf(database)
      const WRITERS = 8
      const COMMITS = 40
      let running = WRITERS

      const write = async (writer: number): Promise<void> => {
        for (let n = 0; n < COMMITS; n += 1) {
          await database
            .transaction(async (tx) => {
              await tx.query(take(writer % 2 === 0 ? 'a' : 'b'))
              // A transaction that comes late or not at all is what leaves holes.
              if (n % 5 === 0) await tx.query('select pg_sleep(0.005)')
              if (n % 7 === 0) throw new Error('rolled back')
            })
            .catch(() => undefined)
        }
        running -= 1
      }
      const read = async (): Promise<number> => {
        let last = 0
        for (let finalRound = false; !finalRound;) {
          finalRound = running === 0
          const rows = await database.query<{ seq: number }>(
            'select seq from event_log where seq > $1 order by seq',
            [last],
          )
          expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_row, index) => last + 1 + index))
          last += rows.length
        }
        return last
      }

      const [last] = await Promise.all([
        read(),
        ...Array.from({ length: WRITERS }, (_, writer) => write(writer)),
      ])
      const kept = Array.from({ length: COMMITS }, (_, n) => n).filter((n) => n % 7 !== 0).length
      expect(last).toBe(2 + WRITERS * kept)
    },
  )

  manyConnections('waits for nobody: a transaction left open delays no other writer', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.transaction(async (open) => {
      await open.query(take('a'))
      await open.query(
        `insert into users (username, email, role) values ('u', 'u@x.org', 'doctor')`,
      )
      for (let n = 0; n < 20; n += 1) await database.query(take('b'))
      expect(await database.query('select seq from log_head')).toEqual([{ seq: 22 }])
    })
    const names = await database.query(
      'select seq, name from event_log where seq > 22 order by seq',
    )
    expect(names).toEqual([
      { seq: 23, name: 'user:changed' },
      { seq: 24, name: 'inventory:update' },
    ])
  })

  manyConnections('cannot deadlock on the head, in whatever order the work is done', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    let atHalf = 0
    let tries = 0
    const touch = (first: string, second: string): Promise<void> =>
      database.transaction(async (tx) => {
        tries += 1
        await tx.query(first)
        atHalf += 1
        await expect.poll(() => atHalf).toBeGreaterThanOrEqual(2)
        await tx.query(second)
      })
    const addUser = (name: string): string =>
      `insert into users (username, email, role) values ('${name}', '${name}@x.org', 'doctor')`
    await Promise.all([touch(take('a'), addUser('one')), touch(addUser('two'), take('b'))])
    expect(tries).toBe(2)
    expect(await database.query('select seq from log_head')).toEqual([{ seq: 6 }])
  })

  manyConnections(
    'lets one statement over many items run against another without a deadlock',
    async () => {
      await using database = await createTestDatabase()
      await stockShelf(database)
      const client = createPostgres({
        url: database.url ?? '',
        poolSize: 1,
        onError: () => undefined,
      })
      try {
        // Retries would hide a deadlock, so these are not transactions of ours.
        const all = async (store: { query: typeof database.query }, lot: string): Promise<void> => {
          for (let n = 0; n < 50; n += 1) {
            await store.query(
              `update inventory_lots set quantity = quantity + 1 where lot_number = '${lot}'`,
            )
          }
        }
        await Promise.all([all(database, 'L1'), all(client, 'L2')])
      } finally {
        await client.close()
      }
      expect(
        await database.query(
          'select sku, total_quantity as total from inventory_items order by sku',
        ),
      ).toEqual([
        { sku: 'a', total: 130 },
        { sku: 'b', total: 130 },
      ])
    },
  )
})
