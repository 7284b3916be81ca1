import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addUsers } from '../../../e2e/rig/users.js'
import type { Database } from '../../../src/storage/database.js'
import { migrate } from '../../../src/storage/migrate.js'
import { createPglite } from '../../../src/storage/pglite.js'
import { createPostgres } from '../../../src/storage/postgres.js'
import type { SpeedFigure } from '../figure.js'
import { encodePost, openRequester } from '../load/requester.js'
import { collect, costOf } from '../samples.js'
import { startNode } from '../subjects/uzima.js'
import type { World } from '../world.js'

const WRITERS = [1, 4, 16, 64]
const ITEMS_EACH = 10

/** Movements a second through REST by the number of writers, each a user with items of its own, on both stores. */
export const writers: SpeedFigure = {
  name: 'writers',
  run: async ({ world, pick }) => {
    const [seconds, rounds] = [pick(1.5, 1), pick(2, 1)]
    await using postgres = await startOn(world, 'PostgreSQL')
    await using embedded = await startOn(world, 'the embedded store')
    const figures = WRITERS.map((count) => ({
      count,
      rate: collect(`movements/s, REST, ${String(count)} writers`, '1/s', 'more'),
    }))
    for (let round = 0; round <= rounds; round += 1) {
      for (const { count, rate } of figures) {
        for (const store of [postgres, embedded]) {
          // Round 0 warms up.
          const perSecond = await store.move(count, round === 0 ? 0.3 : seconds)
          if (round > 0) rate.add(store.name, perSecond)
        }
      }
    }
    return {
      comparisons: figures.map(({ rate }) => rate.comparison()),
      findings: [],
      raw: { seconds, rounds },
    }
  },
}

const startOn = async (world: World, name: 'PostgreSQL' | 'the embedded store') => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-bench-'))
  const url = name === 'PostgreSQL' ? await world.createDatabase() : undefined
  const users = await fill(await open(folder, url))
  const node = await startNode(
    world,
    url === undefined ? { DATA_DIR: folder } : { DATABASE_URL: url },
  )
  const all = users.map((userId, writer) =>
    Array.from({ length: ITEMS_EACH }, (_, item) =>
      encodePost(
        `/api/inventory/item-${String(writer * ITEMS_EACH + item + 1)}/consume`,
        world.tokenFor(userId),
        { quantity: 1 },
      ),
    ),
  )

  const move = async (count: number, lastsSeconds: number): Promise<number> => {
    const clients = all
      .slice(0, count)
      .map((requests) => ({ requests, requester: openRequester(node.port) }))
    let done = 0
    const cost = await costOf(node.pid, async () => {
      const until = performance.now() + lastsSeconds * 1_000
      await Promise.all(
        clients.map(async ({ requests, requester }) => {
          for (let number = 0; performance.now() < until; number += 1) {
            const status = await requester.send(requests[number % ITEMS_EACH] ?? Buffer.alloc(0))
            if (status !== 200) throw new Error(`A movement was answered with ${String(status)}.`)
            done += 1
          }
        }),
      )
    })
    for (const { requester } of clients) requester.close()
    return done / cost.seconds
  }
  return {
    name,
    move,
    [Symbol.asyncDispose]: async () => {
      await node[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const open = async (folder: string, url: string | undefined): Promise<Database> => {
  if (url !== undefined) return createPostgres({ url, poolSize: 1, onError: () => undefined })
  const dataDir = join(folder, 'pglite')
  await mkdir(dataDir)
  return createPglite({
    dataDir,
    onHung: (error) => {
      throw error
    },
  })
}

/** Makes users, and items with a lot each, before anybody serves; closes the store. */
const fill = async (database: Database): Promise<string[]> => {
  await migrate(database)
  const count = Math.max(...WRITERS)
  await database.query(
    `insert into inventory_items (sku, name) select 'item-' || n, 'Item' from generate_series(1, $1::integer) n`,
    [count * ITEMS_EACH],
  )
  await database.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
     select 'item-' || n, 'L', 1000000, current_date + 700 from generate_series(1, $1::integer) n`,
    [count * ITEMS_EACH],
  )
  const users = await addUsers(database, count, 'pharmacist')
  await database.close()
  return users
}
