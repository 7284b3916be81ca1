import { randomBytes } from 'node:crypto'
import type { Position } from '@uzima/contracts'
import { expect, it } from 'vitest'
import { expectWithin, times } from '../test/support/long.js'
import { freePort } from '../test/support/server-process.js'
import { createTestDatabase } from '../test/support/world.js'
import type { Database } from '../src/storage/database.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { quantile } from './rig/statistics.js'
import { follow, type Follower } from './rig/stock-follower.js'

const TRIES = times(5, 50)

it('gives what was missed after the node that had it in memory was killed', async () => {
  await using database = await createTestDatabase()
  const secret = randomBytes(48).toString('base64url')
  const env = {
    JWT_SECRET: secret,
    DATABASE_URL: database.url ?? '',
    PORT: (await freePort()).toString(),
    MAX_CONNECTIONS_PER_USER: '1000',
  }
  const token = signToken(secret, await addUser(database, 'doctor'))
  await using first = await startServer({ env })
  const away = follow(first.url, token)
  const others: Follower[] = []
  try {
    await expect.poll(away.connects).toBe(1)
    await killAtWork(first, away, database)
    const [log] = await database.query<Position>('select epoch from log_head')
    const start = { epoch: log?.epoch ?? '', seq: away.seqs.at(-1) ?? NaN }
    const before = away.seqs.length
    await database.query(
      `insert into inventory_items (sku, name) select 'S' || n, 'Item ' || n from generate_series(1, 1000) as n`,
    )
    const due = (
      await database.query<{ seq: number }>(
        `select seq from event_log where seq > $1 and name like 'inventory:%' order by seq`,
        [start.seq],
      )
    ).map(({ seq }) => seq)
    await using next = await startServer({ env })

    // The stock client of before comes back by itself.
    await expect.poll(() => away.seqs.length - before).toBe(due.length)
    expect(away.seqs.slice(before)).toEqual(due)
    expect(away.resets).toEqual([])

    const tookMs: number[] = []
    for (let n = 0; n < TRIES; n += 1) {
      const startedAt = performance.now()
      const follower = follow(next.url, token, start)
      others.push(follower)
      await expect.poll(() => follower.seqs.length, { interval: 2 }).toBe(due.length)
      tookMs.push(performance.now() - startedAt)
      expect(follower.seqs).toEqual(due)
      follower.socket.disconnect()
    }
    expectWithin(1_000, quantile(tookMs, 0.99), 'The 99th percentile of a return')
  } finally {
    for (const { socket } of [away, ...others]) socket.disconnect()
  }
})

/** Kills the node while changes come: what its record claims to have been written, the client has. */
const killAtWork = async (
  node: RunningServer,
  client: Follower,
  database: Database,
): Promise<void> => {
  const progress = () => database.query('select from node_progress')
  for (let n = 0; (await progress()).length < 2; n += 1) {
    await database.query('insert into inventory_items (sku, name) values ($1, $1)', [
      `K${n.toString()}`,
    ])
  }
  node.signal('SIGKILL')
  await node.exited
  await expect.poll(() => client.socket.connected).toBe(false)
  const claimed = await database.query<{ seq: number }>(
    `select e.seq from deliveries d join event_log e
       on e.seq > d.joined_seq and e.seq <= delivery_written_up_to(d) and name like 'inventory:%'`,
  )
  expect(claimed).not.toEqual([])
  expect(client.seqs).toEqual(expect.arrayContaining(claimed.map(({ seq }) => seq)))
}
