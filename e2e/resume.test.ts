import { randomBytes } from 'node:crypto'
import type { Position } from '@uzima/contracts'
import { expect, it } from 'vitest'
import { expectWithin, times } from '../test/support/long.js'
import { freePort } from '../test/support/server-process.js'
import { createTestDatabase } from '../test/support/world.js'
import { startServer } from '../test/support/server.js'
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
    const [start] = await database.query<Position>('select epoch, seq from log_head')
    first.signal('SIGKILL')
    await first.exited
    await database.query(
      `insert into inventory_items (sku, name) select 'S' || n, 'Item ' || n from generate_series(1, 1000) as n`,
    )
    const due = (
      await database.query<{ seq: number }>(
        `select seq from event_log where seq > $1 and name like 'inventory:%' order by seq`,
        [start?.seq ?? NaN],
      )
    ).map(({ seq }) => seq)
    await using next = await startServer({ env })

    // The stock client of before comes back by itself.
    await expect.poll(() => away.seqs.length).toBe(due.length)
    expect(away.seqs).toEqual(due)
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
