import { describe, expect, it } from 'vitest'
import { sendToUser } from '../../src/services/realtime.service.js'
import { setupApp, type TestClient } from '../support/app.js'

const ITEMS = 300
const addItems = `insert into inventory_items (sku, name) select 'item-' || n, 'x' from generate_series(1, ${ITEMS.toString()}) n`

const seqsOf = (client: TestClient): unknown[] =>
  client.of('inventory:update').map(({ seq }) => seq)

/** What the events say of their items. */
const itemsOf = (client: TestClient, field: 'sku' | 'name'): unknown[] =>
  client.events.map(({ data }) => (data['item'] as Record<string, unknown> | undefined)?.[field])

describe.each(['true', 'false'])('a batch of the log, with DIRECT_WRITES=%s', (direct) => {
  it('reaches WebSockets and pollers, whole and in order', async () => {
    await using app = await setupApp({ env: { DIRECT_WRITES: direct } })
    const user = await app.addUser('pharmacist')
    const clients = await Promise.all([
      app.connect(user),
      app.connect(user, { transports: ['polling'] }),
      // Begins to poll, and changes over while events come.
      app.connect(user, { transports: ['polling', 'websocket'] }),
    ])
    for (let round = 0; round < 5; round += 1) {
      await app.database.query(round === 0 ? addItems : `update inventory_items set name = $1`, [
        ...(round === 0 ? [] : [round.toString()]),
      ])
    }

    const due = (
      await app.database.query<{ seq: number }>(
        `select seq from event_log where name = 'inventory:update' order by seq`,
      )
    ).map(({ seq }) => seq)
    expect(due.length).toBe(5 * ITEMS)
    for (const client of clients) {
      await expect.poll(() => seqsOf(client).length).toBe(due.length)
      expect(seqsOf(client)).toEqual(due)
    }
  })

  it('goes to each role what it may see, before and after the role changes within it', async () => {
    await using app = await setupApp({
      env: { DIRECT_WRITES: direct, INVENTORY_UPDATE_ROLES: 'pharmacist' },
    })
    const user = await app.addUser('pharmacist')
    const [moving, staying, outside] = await Promise.all([
      app.connect(user),
      app.connect(await app.addUser('pharmacist')),
      app.connect(await app.addUser('patient')),
    ])
    // One transaction: the change of the user comes first.
    await app.database.query(`insert into inventory_items (sku, name) values ('a', 'a')`)
    await app.database.transaction(async (tx) => {
      await tx.query(`insert into inventory_items (sku, name) values ('b', 'b')`)
      await tx.query(`update users set role = 'patient' where id = $1`, [user.id])
    })
    await app.database.query(`update users set role = 'pharmacist' where id = $1`, [user.id])
    await app.database.query(`insert into inventory_items (sku, name) values ('c', 'c')`)

    const skus = (client: TestClient) => itemsOf(client, 'sku').filter((sku) => sku !== undefined)
    await expect.poll(() => skus(staying)).toEqual(['a', 'b', 'c'])
    await expect.poll(() => skus(moving)).toEqual(['a', 'c'])
    expect(skus(outside)).toEqual([])
  })

  it('does not overtake messages, nor do they overtake it', async () => {
    await using app = await setupApp({ env: { DIRECT_WRITES: direct }, bind: true })
    const user = await app.addUser('pharmacist')
    const client = await app.connect(user)
    await app.database.query(addItems)
    await expect.poll(() => seqsOf(client).length).toBe(ITEMS)
    for (let round = 0; round < 10; round += 1) {
      for (let n = 0; n < 50; n += 1) sendToUser(user.id, 'note', { round, n })
      await app.database.query('update inventory_items set name = $1', [round.toString()])
    }

    await expect.poll(() => seqsOf(client).length).toBe(11 * ITEMS)
    await expect.poll(() => client.of('note').length).toBe(500)
    expect(client.of('note')).toEqual(
      Array.from({ length: 500 }, (_, n) => ({ round: Math.floor(n / 50), n: n % 50 })),
    )
    const numbers = seqsOf(client).map(Number)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    // Each round's messages were sent before its changes were committed.
    const firstOfRound = (round: number) => itemsOf(client, 'name').indexOf(round.toString())
    for (let round = 0; round < 10; round += 1) {
      const lastNote = client.events.findIndex(
        ({ data }) => data['round'] === round && data['n'] === 49,
      )
      expect(firstOfRound(round)).toBeGreaterThan(lastNote)
    }
  })
})
