import { createPostgres } from '../../../src/storage/postgres.js'
import { addUsers } from '../../../e2e/rig/users.js'
import type { SpeedFigure } from '../figure.js'
import { encodePost, openRequester } from '../load/requester.js'
import { goalOf } from '../goal.js'
import { collect, costOf, ratioOf } from '../samples.js'
import { startUzima } from '../subjects/uzima.js'

const WRITERS = 16
const ITEMS_EACH = 10
/**
 * What this file measured before anything was made faster: 203/s, while PostgreSQL alone made 8,547 commits/s, on the machine that
 * docs/benchmarks.md names. The share holds on others too.
 */
const SHARE_BEFORE = 0.0237
const TIMES = 3
const PLAIN = 'PostgreSQL alone'

/** How many movements a second go through REST, 16 writers at a time, each on items of its own. */
export const movements: SpeedFigure = {
  name: 'movements',
  run: async ({ world, pick }) => {
    const [seconds, rounds] = [pick(4, 3), pick(3, 1)]
    const rate = collect(`movements/s, ${String(WRITERS)} writers, REST, PostgreSQL`, '1/s', 'more')
    const cpu = collect('CPU of the server per movement', 'ms', 'less')

    await using uzima = await startUzima(world)
    const { database, name, port } = uzima
    const count = WRITERS * ITEMS_EACH
    await database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       select 'item-' || n, 'L', 1000000, current_date + 700 from generate_series(1, $1::integer) n`,
      [count],
    )
    const users = await addUsers(database, WRITERS, 'pharmacist')
    const writers = users.map((userId, writer) => ({
      requester: openRequester(port),
      requests: Array.from({ length: ITEMS_EACH }, (_, item) =>
        encodePost(
          `/api/inventory/item-${String(writer * ITEMS_EACH + item + 1)}/consume`,
          world.tokenFor(userId),
          { quantity: 1 },
        ),
      ),
    }))
    const write = async (lastsSeconds: number) => {
      let done = 0
      const until = performance.now() + lastsSeconds * 1_000
      const cost = await costOf(uzima.pid, () =>
        Promise.all(
          writers.map(async ({ requester, requests }) => {
            for (let number = 0; performance.now() < until; number += 1) {
              const status = await requester.send(requests[number % ITEMS_EACH] ?? Buffer.alloc(0))
              if (status !== 200) throw new Error(`A movement was answered with ${String(status)}.`)
              done += 1
            }
          }),
        ),
      )
      return { ...cost, done }
    }
    // Alternately: what the disk and PostgreSQL alone allow for as many transactions of one row.
    await using plain = await preparePlain(await world.createDatabase())
    await write(1)
    for (let round = 0; round < rounds; round += 1) {
      const met = await write(seconds)
      rate.add(name, met.done / met.seconds)
      cpu.add(name, (met.cpuSeconds * 1_000) / met.done)
      rate.add(PLAIN, await plain.ratePerSecond(seconds / 2))
    }
    for (const { requester } of writers) requester.close()
    const comparisons = [rate.comparison(), cpu.comparison()]
    const times = ratioOf(rate.comparison(), name, PLAIN) / SHARE_BEFORE
    return {
      comparisons,
      findings: [
        goalOf(
          `movements/s through REST, ${String(WRITERS)} writers, PostgreSQL, against before, both as a share of PostgreSQL alone`,
          { atLeast: TIMES },
          times,
        ),
      ],
      raw: { seconds, rounds },
    }
  },
}

const preparePlain = async (url: string) => {
  const database = createPostgres({ url, poolSize: WRITERS, onError: () => undefined })
  await database.query('create table plain (id integer primary key, quantity integer)')
  await database.query('insert into plain select n, 0 from generate_series(1, $1::integer) n', [
    WRITERS,
  ])
  return {
    ratePerSecond: async (seconds: number): Promise<number> => {
      const from = performance.now()
      let done = 0
      await Promise.all(
        Array.from({ length: WRITERS }, async (_, writer) => {
          while (performance.now() < from + seconds * 1_000) {
            await database.query('update plain set quantity = quantity + 1 where id = $1', [
              writer + 1,
            ])
            done += 1
          }
        }),
      )
      return (done * 1_000) / (performance.now() - from)
    },
    [Symbol.asyncDispose]: () => database.close(),
  }
}
