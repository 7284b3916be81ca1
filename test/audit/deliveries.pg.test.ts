import { expect, it } from 'vitest'
import {
  pruneDeliveries,
  writeDeliveries,
  type BegunDelivery,
  type DeliveryBatch,
} from '../../src/audit/deliveries.js'
import { createDeliveryWriter } from '../../src/audit/delivery-writer.js'
import { createNodeRegistry } from '../../src/audit/node-registry.js'
import type { Database } from '../../src/storage/database.js'
import { createTestDatabase } from '../support/world.js'
import { aNode, keepLines, makeFallible } from './fixtures.js'

const DAY_MS = 86_400_000
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS)

const aSession = (socketId: string, changes: Partial<BegunDelivery> = {}): BegunDelivery => ({
  socketId,
  userId: 'user-1',
  connectedAt: new Date().toISOString(),
  epoch: '00000000-0000-4000-8000-000000000001',
  how: 'live',
  asked: null,
  joined: 5,
  reset: null,
  written: 5,
  isIdle: true,
  applied: null,
  closedAt: null,
  code: null,
  ...changes,
})

/** A second after each other, as a node makes them. */
let seconds = 0

const aBatch = (changes: Partial<DeliveryBatch>): DeliveryBatch => ({
  at: new Date(Date.now() + 1_000 * ++seconds).toISOString(),
  progress: null,
  begun: [],
  moved: [],
  behind: [],
  caughtUp: [],
  hasMore: false,
  ...changes,
})

const MOVED = {
  how: null,
  joined: null,
  reset: null,
  written: null,
  isIdle: false,
  applied: null,
  closedAt: null,
  code: null,
}

const rowsOf = (database: Database) =>
  database.query(
    `select socket_id as id, delivery_written_up_to(d) as "upTo", applied_seq as applied, code,
       closed_at is not null as closed
     from deliveries d order by socket_id`,
  )

it('the record of deliveries is written through an outage, once, whatever became of the answers', async () => {
  await using database = await createTestDatabase()
  const { logger, text } = keepLines()
  const fallible = makeFallible(database)
  const left = [
    aBatch({
      progress: 7,
      begun: [aSession('a', { applied: 5 }), aSession('b', { isIdle: false })],
      behind: [{ socketId: 'b', seq: 5 }],
    }),
    aBatch({
      progress: 9,
      moved: [{ ...MOVED, socketId: 'a', applied: 8 }],
      caughtUp: [{ socketId: 'b', seq: 9 }],
    }),
  ]
  const closing = { closedAt: new Date().toISOString(), code: 'CLIENT_GONE' }
  const last = aBatch({ moved: [{ ...MOVED, socketId: 'a', written: 9, ...closing }] })
  const writer = createDeliveryWriter({
    database: fallible.database,
    node: aNode(),
    logger,
    everyMs: 5,
  })
  fallible.set('down')
  writer.follow({ next: () => Promise.resolve(left.shift()) })
  await expect.poll(() => text()).toContain('cannot be put on record')
  fallible.set('answerLost')
  await expect.poll(() => rowsOf(database)).toHaveLength(2)
  expect(await rowsOf(database)).toMatchObject([
    { id: 'a', upTo: 7, applied: 5 },
    { id: 'b', upTo: 5, applied: null },
  ])
  fallible.set('none')
  const open = { code: null, closed: false }
  await expect
    .poll(() => rowsOf(database))
    .toEqual([
      { id: 'a', upTo: 9, applied: 8, ...open },
      { id: 'b', upTo: 9, applied: null, ...open },
    ])
  left.push(last)
  await writer.close()
  expect(await rowsOf(database)).toMatchObject([
    { id: 'a', upTo: 9, code: 'CLIENT_GONE', closed: true },
    { id: 'b', closed: false },
  ])
  // One mark a minute; and nothing twice.
  expect(await database.query('select seq from applied_marks')).toEqual([{ seq: 5 }])
  expect(await database.query('select count(*)::int as lags from delivery_lags')).toEqual([
    { lags: 1 },
  ])
})

it('the record of a killed node is closed by the others as far as it goes, until the node itself knows better', async () => {
  await using database = await createTestDatabase()
  const dead = aNode('dead')
  await createNodeRegistry({ database, node: dead, deadAfterMs: 60_000 }).register()
  const connectedAt = daysAgo(1).toISOString()
  const replay = { how: 'replay', asked: 2, connectedAt } as const
  await writeDeliveries(
    database,
    dead,
    aBatch({
      progress: 7,
      begun: [
        aSession('idle', { connectedAt }),
        aSession('lagging', { ...replay, written: 2, isIdle: false }),
        aSession('replaying', { ...replay, joined: null, written: 2, isIdle: false }),
      ],
      behind: [{ socketId: 'lagging', seq: 2 }],
    }),
  )
  await database.query('update nodes set heartbeat_at = $1', [daysAgo(1)])
  const other = createNodeRegistry({ database, node: aNode('other'), deadAfterMs: 20 })
  await other.register()
  const closeDead = async () => {
    await other.heartbeat()
    return other.closeDeadNodes()
  }
  await expect.poll(closeDead, { interval: 5 }).toMatchObject([{ name: 'dead' }])
  const lost = { code: 'NODE_LOST', closed: true }
  expect(await rowsOf(database)).toMatchObject([
    { id: 'idle', upTo: 7, ...lost },
    { id: 'lagging', upTo: 2, ...lost },
    { id: 'replaying', upTo: 2, ...lost },
  ])
  // It was paused only.
  const closing = { closedAt: new Date().toISOString(), code: 'AUTH_STALE' }
  const moved = [{ ...MOVED, socketId: 'idle', written: 8, ...closing }]
  await writeDeliveries(database, dead, aBatch({ progress: 9, moved }))
  expect((await rowsOf(database))[0]).toMatchObject({ upTo: 8, code: 'AUTH_STALE' })

  // Retention: details go first, sessions with the connection log.
  await database.query('update node_progress set at = $1', [daysAgo(91)])
  expect(await pruneDeliveries(database, daysAgo(30), 1)).toBe(2)
  expect(await rowsOf(database)).toHaveLength(3)
  await database.query('update deliveries set closed_at = $1', [daysAgo(31)])
  expect(await pruneDeliveries(database, daysAgo(30), 2)).toBe(3)
  expect(await database.query('select from delivery_lags')).toEqual([])
})
