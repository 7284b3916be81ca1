import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startHeartbeat } from '../../src/audit/heartbeat.js'
import { createNodeRegistry } from '../../src/audit/node-registry.js'
import { verifyChain } from '../../src/audit/verify.js'
import type { Database } from '../../src/storage/database.js'
import { createTestDatabase } from '../support/world.js'
import {
  accepted,
  aNode,
  anAttempt,
  closed,
  keepLines,
  makeFallible,
  openLog,
  readRows,
} from './fixtures.js'

const DEAD_AFTER_MS = 300
const EVERY_MS = 40

describe('the nodes', () => {
  it('close in the log what a killed node left open, once', async () => {
    await using database = await createTestDatabase()
    const dead = await killedNode(database)
    await using first = await livingNode(database, 'node-b')
    await using second = await livingNode(database, 'node-c')
    await expect.poll(() => readRows(database)).toHaveLength(6)
    await first.beats(5)
    await second.beats(5)

    const rows = await readRows(database)
    expect(rows.slice(4)).toMatchObject([
      { outcome: 'closed', code: 'NODE_LOST', socket_id: 's1', user_id: 'user-1', node: 'node-a' },
      { outcome: 'closed', code: 'NODE_LOST', socket_id: 's3', node_run: dead.id, node_seq: 6 },
    ])
    expect(rows).toHaveLength(6)
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: 6 })
  })

  it('close more sockets than one statement takes', async () => {
    await using database = await createTestDatabase()
    const node = aNode()
    await using world = openLog(database, { node })
    for (let i = 0; i < 1_234; i += 1) world.log.record(accepted(`s${i.toString()}`))
    await world.log.flush()
    await using living = await livingNode(database, 'node-b')
    await expect.poll(() => readRows(database)).toHaveLength(2_468)
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: 2_468 })
    expect(living.text()).toContain('"socketsClosed":1234')
  })

  it('leave a node alone that said goodbye', async () => {
    await using database = await createTestDatabase()
    const gone = await livingNode(database, 'node-a')
    await using world = openLog(database, { node: gone.node })
    world.log.record(accepted('s1'))
    await world.log.flush()
    await gone[Symbol.asyncDispose]()
    await using living = await livingNode(database, 'node-b')
    await living.beats(Math.ceil((2 * DEAD_AFTER_MS) / EVERY_MS))
    expect(await readRows(database)).toHaveLength(1)
  })

  it('take nobody for dead because the database stood still', async () => {
    await using database = await createTestDatabase()
    const registry = createNodeRegistry({ database, node: aNode(), deadAfterMs: DEAD_AFTER_MS })
    await killedNode(database)
    await registry.register()
    await registry.heartbeat()
    // The time without an answer is what this is about; the clock is the database's own.
    await delay(DEAD_AFTER_MS + EVERY_MS)
    await registry.heartbeat()
    expect(await registry.closeDeadNodes()).toEqual([])

    const closeDead = async () => {
      await registry.heartbeat()
      return registry.closeDeadNodes()
    }
    await expect
      .poll(closeDead, { interval: EVERY_MS })
      .toMatchObject([{ name: 'node-a', socketsClosed: 2 }])
  })

  it('tell a paused node that it was given up, and let it go on in its chain', async () => {
    await using database = await createTestDatabase()
    const node = aNode('paused')
    const registry = createNodeRegistry({ database, node, deadAfterMs: DEAD_AFTER_MS })
    await registry.register()
    expect(await registry.heartbeat()).toEqual({ lostSockets: [] })
    await using world = openLog(database, { node })
    world.log.record(accepted('s1'))
    await world.log.flush()

    await using living = await livingNode(database, 'node-b')
    await expect.poll(() => readRows(database)).toHaveLength(2)
    // Back from its pause, it writes before its heartbeat comes: the answer must not be lost by it.
    world.log.record(anAttempt())
    await world.log.flush()
    world.log.record(accepted('s2'))
    await world.log.flush()
    // Who came after that is none of those that were closed.
    expect(await registry.heartbeat()).toEqual({ lostSockets: ['s1'] })
    expect(await registry.heartbeat()).toEqual({ lostSockets: [] })
    expect((await readRows(database)).map((row) => row.code)).toEqual([
      null,
      'NODE_LOST',
      'AUTH_TOKEN_INVALID',
      null,
    ])
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: 4 })
    expect(living.givenUp()).toBe(0)
  })

  it('keep beating through an outage of the database', async () => {
    await using database = await createTestDatabase()
    const fallible = makeFallible(database)
    await using living = await livingNode(fallible.database, 'node-a')
    fallible.set('down')
    await living.beats(5)
    fallible.set('none')
    await expect.poll(() => living.text()).toContain('is back')
  })
})

/** A run that accepted three sockets, closed one and is never heard of again. */
const killedNode = async (database: Database) => {
  await using world = openLog(database)
  for (const socketId of ['s1', 's2', 's3']) world.log.record(accepted(socketId))
  world.log.record(closed('s2'))
  await world.log.flush()
  return world.node
}

const livingNode = async (database: Database, name: string) => {
  const node = aNode(name)
  const kept = keepLines()
  let givenUp = 0
  let beats = 0
  const registry = createNodeRegistry({ database, node, deadAfterMs: DEAD_AFTER_MS })
  const heartbeat = await startHeartbeat({
    registry: {
      ...registry,
      heartbeat: () => {
        beats += 1
        return registry.heartbeat()
      },
    },
    logger: kept.logger,
    everyMs: EVERY_MS,
  })
  heartbeat.onGivenUp(() => {
    givenUp += 1
  })
  return {
    ...kept,
    node,
    givenUp: () => givenUp,
    beats: (more: number) => {
      const wanted = beats + more
      return expect.poll(() => beats).toBeGreaterThanOrEqual(wanted)
    },
    [Symbol.asyncDispose]: heartbeat.stop,
  }
}
