import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { times } from '../test/support/long.js'
import { startRedis } from '../test/support/redis-server.js'
import { createTestDatabase } from '../test/support/world.js'
import type { RunningServer } from '../test/support/server.js'
import { startNode } from './rig/nodes.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { follow } from './rig/stock-follower.js'

const secret = randomBytes(48).toString('base64url')

/** Two nodes that hear each other; `two` is the one that will be paused. */
const setupNodes = async () => {
  const database = await createTestDatabase()
  const redis = await startRedis()
  const cluster = { secret, databaseUrl: database.url, redisUrl: redis.url }
  const one = await startNode('one', cluster, { EVENTS_PER_SECOND: '1000' })
  const two = await startNode('two', cluster, { EVENTS_PER_SECOND: '1000' })
  const admin = signToken(secret, await addUser(database, 'admin'))
  await database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
  return {
    database,
    one,
    two,
    admin,
    [Symbol.asyncDispose]: async () => {
      two.signal('SIGCONT')
      await two.stop()
      await one.stop()
      await redis.stop()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** A socket on `node` that keeps the numbers of the notes it got, whichever way they were addressed. */
const listen = async (node: RunningServer, token: string) => {
  const follower = follow(node.url, token)
  const notes: number[] = []
  follower.socket.on('note', ({ n }: { readonly n: number }) => notes.push(n))
  await expect.poll(follower.connects).toBe(1)
  return { ...follower, notes }
}

it('hands nothing to whom the log has dismissed while the node stood still, however long that was', async () => {
  await using world = await setupNodes()
  const { database, one, two, admin } = world
  const pauseMs = fc.integer({ min: 700, max: 7_000 })
  const dismissedAt = fc.double({ min: 0, max: 0.8, noNaN: true })

  await fc.assert(
    fc.asyncProperty(pauseMs, dismissedAt, async (lengthMs, share) => {
      const dismissedId = await addUser(database, 'pharmacist')
      const token = signToken(secret, dismissedId)
      const dismissed = await listen(two, token)
      const bystander = await listen(two, signToken(secret, await addUser(database, 'pharmacist')))
      let sent = 0
      /** By way of Redis, and of the paused node itself, in each way to address somebody. */
      const sendNotes = async (): Promise<void> => {
        const targets = [{ userId: dismissedId }, { role: 'pharmacist' }, { all: true }] as const
        for (const to of targets) {
          const message = { to, event: 'note', data: { n: sent } }
          sent += 1
          await one.api(admin, 'POST', '/api/messages', message)
        }
      }
      const wakesAt = performance.now() + lengthMs
      two.signal('SIGSTOP')
      let sentBefore = Number.POSITIVE_INFINITY
      const read = (path: string) =>
        fetch(`${two.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
      const reads: Promise<Response>[] = []
      let ownMessage: Promise<unknown> | undefined
      try {
        await delay(lengthMs * share)
        await database.query('update users set is_active = false where id = $1', [dismissedId])
        sentBefore = sent
        // The kernel takes them; the node answers when it wakes.
        reads.push(...['/api/events', '/api/inventory', '/api/auth/me'].map(read))
        const message = { to: { userId: dismissedId }, event: 'note', data: { n: sent } }
        sent += 1
        ownMessage = two.api(admin, 'POST', '/api/messages', message).catch(() => undefined)
        await database.query(`update inventory_items set threshold = threshold + 1`)
        while (performance.now() < wakesAt) {
          await sendNotes()
          await delay(50)
        }
      } finally {
        two.signal('SIGCONT')
      }
      await ownMessage
      // 503 where it was away for so long that it trusts nobody until it has read the log.
      for (const { status } of await Promise.all(reads)) expect([401, 503]).toContain(status)
      await expect.poll(() => dismissed.socket.connected).toBe(false)
      expect(dismissed.notes.filter((n) => n >= sentBefore)).toEqual([])
      expect(dismissed.seqs).toEqual([])

      // He who is confirmed stays, and hears what follows.
      const from = sent
      await expect
        .poll(async () => {
          await sendNotes()
          return bystander.notes.some((n) => n >= from)
        })
        .toBe(true)
      expect(bystander.notes).toEqual([...bystander.notes].sort((a, b) => a - b))
      expect(bystander.seqs).toHaveLength(1)
      expect(bystander.closings).toEqual([])
      expect(bystander.connects()).toBe(1)
      dismissed.socket.disconnect()
      bystander.socket.disconnect()
    }),
    { numRuns: times(4, 25), examples: [[4_000, 0.08]], endOnFailure: true },
  )
})
