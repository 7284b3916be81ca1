import { once } from 'node:events'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Database } from '../../src/storage/database.js'
import { setupApp, type TestApp } from '../support/app.js'
import { untilLogIsRead } from '../support/read-log.js'
import { createTestDatabase } from '../support/world.js'

const SOCKETS = 300
const REVOKED = 20
const SOCKETS_PER_QUERY = 20

it('asks one query at most for 20 sockets that come to a new node at once, and admits none on what it knew before a change', async () => {
  const { database, lookUps, release } = holdLookUps(await createTestDatabase())
  await using app = await setupApp({ database })
  const users = await database.query<{ id: string }>(
    `insert into users (username, email, role)
     select 'user-' || n, n || '@example.org', 'doctor' from generate_series(1, $1::integer) as n returning id`,
    [SOCKETS],
  )
  const ids = users.map(({ id }) => id)
  const revoked = ids.slice(0, REVOKED)
  await untilLogIsRead(app)

  const clients = await Promise.all(ids.map((id) => open(app, id)))
  // A look-up waits 5 s for its answer: all of them first open, then ask.
  for (const { socket, id } of clients) {
    socket.send(`40${JSON.stringify({ token: app.tokenFor(id) })}`)
  }
  // What they sent has been read once a later request is answered.
  await app.api(undefined, 'GET', '/health/live')
  await expect.poll(lookUps, { timeout: 30_000 }).toBeGreaterThan(0)

  // The look-ups have their answers, and nobody has heard them.
  await database.query('update users set is_active = false where id = any ($1::uuid[])', [revoked])
  await untilLogIsRead(app)
  release()

  await expect
    .poll(() => clients.filter(({ state }) => state() !== 'waiting').length, { timeout: 30_000 })
    .toBe(SOCKETS)
  const refused = clients.filter(({ state }) => state() === 'refused').map(({ id }) => id)
  expect(refused.sort()).toEqual([...revoked].sort())
  expect(lookUps()).toBeLessThanOrEqual(SOCKETS / SOCKETS_PER_QUERY)
  for (const { socket } of clients) socket.terminate()
})

/** A store that answers look-ups of users as of when they came, and tells the answers only after `release`. */
const holdLookUps = (store: Database & AsyncDisposable) => {
  let [count, release] = [0, (): void => undefined]
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const database: Database & AsyncDisposable = {
    ...store,
    query: async <Row>(...asked: Parameters<Database['query']>): Promise<Row[]> => {
      const rows = await store.query<Row>(...asked)
      if (/"liveSessionIds"\s+from users/.test(asked[0])) {
        count += 1
        await released
      }
      return rows
    },
  }
  return {
    database,
    lookUps: () => count,
    release: () => {
      release()
    },
  }
}

/** A connection of the user, who has not said yet who he is. */
const open = async (app: TestApp, id: string) => {
  let state: 'waiting' | 'in' | 'refused' = 'waiting'
  const socket = new WebSocket(`${app.url}/socket.io/?EIO=4&transport=websocket`)
  socket.on('error', () => undefined)
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    if (text.startsWith('42["connected"')) state = 'in'
    else if (text.startsWith('44')) state = 'refused'
  })
  await once(socket, 'message')
  return { id, socket, state: () => state }
}
