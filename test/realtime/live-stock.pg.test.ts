import { describe, expect, it } from 'vitest'
import { setClock } from '../inventory/test-clock.js'
import { setupApp } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'

const addItem = `insert into inventory_items (sku, name, threshold) values ('AMOX', 'Amoxicillin', 5)`
const addLot = `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
  values ('AMOX', 'L1', 10, '2031-01-31')`

describe('a connected socket', () => {
  it('is told who it is, until when, and where the log stands', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const client = await app.connect(user)

    const [connected] = client.of('connected')
    expect(connected).toMatchObject({
      userId: user.id,
      username: user.username,
      role: 'pharmacist',
      resumed: false,
      position: { seq: expect.any(Number) as number, epoch: expect.any(String) as string },
    })
    expect(client.events[0]?.event).toBe('connected')
    expect(Date.parse(String(connected?.['sessionExpiresAt']))).toBeGreaterThan(Date.now())
  })

  it('sees the last day of a lot end, with the alert, though nobody wrote anything', async () => {
    await using app = await setupApp()
    const client = await app.connect(await app.addUser('pharmacist'))
    await setClock(app.database, '2031-01-31 12:00Z')
    await app.database.query(addItem)
    await app.database.query(addLot)
    // Two days on it is over in every time zone of the world.
    await setClock(app.database, '2031-02-02 12:00Z')

    await expect
      .poll(() => client.of('inventory:update').at(-1))
      .toMatchObject({ type: 'expired', item: { totalQuantity: 10, usableQuantity: 0 } })
    await expect
      .poll(() => client.of('inventory:lowStock'))
      .toMatchObject([{ sku: 'AMOX', totalQuantity: 10, usableQuantity: 0, threshold: 5 }])
  })

  it('sees what plain SQL commits, once and in order, with one alert at the crossing', async () => {
    await using app = await setupApp()
    const client = await app.connect(await app.addUser('pharmacist'))
    await app.database.query(addItem)
    await app.database.query(addLot)
    await app.database.query(
      `update inventory_lots set quantity = quantity - 6 where lot_number = 'L1'`,
    )
    await app.database.query(
      `update inventory_lots set quantity = quantity - 1 where lot_number = 'L1'`,
    )

    await expect.poll(() => client.of('inventory:update').length).toBe(4)
    expect(client.of('inventory:update').map(({ type }) => type)).toEqual([
      'created',
      'lot_added',
      'adjusted',
      'adjusted',
    ])
    expect(client.of('inventory:lowStock')).toMatchObject([
      { sku: 'AMOX', totalQuantity: 4, threshold: 5 },
    ])
    const numbers = client.events.slice(1).map(({ data }) => data['seq'])
    expect(numbers).toEqual([...numbers].sort((a, b) => Number(a) - Number(b)))
  })

  it('does not see what was rolled back', async () => {
    await using app = await setupApp()
    const client = await app.connect(await app.addUser('doctor'))
    await expect(
      app.database.transaction(async (tx) => {
        await tx.query(addItem)
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    await app.database.query(addItem)

    await expect.poll(() => client.of('inventory:update').length).toBe(1)
  })

  it('receives no feed that its role is not configured for', async () => {
    await using app = await setupApp({
      env: { INVENTORY_UPDATE_ROLES: 'pharmacist,admin', LOW_STOCK_ROLES: 'pharmacist' },
    })
    const pharmacist = await app.connect(await app.addUser('pharmacist'))
    const patient = await app.connect(await app.addUser('patient'))
    await app.database.query(addItem)

    await expect.poll(() => pharmacist.of('inventory:update').length).toBe(1)
    expect(patient.events.map(({ event }) => event)).toEqual(['connected'])
  })

  it('is served over polling as over WebSocket', async () => {
    await using app = await setupApp()
    const polling = await app.connect(await app.addUser('pharmacist'), { transports: ['polling'] })
    await app.database.query(addItem)

    await expect.poll(() => polling.of('inventory:update').length).toBe(1)
  })
})

describe('a returning socket', () => {
  it('gets exactly what it missed, then what follows', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const first = await app.connect(user)
    const position = first.of('connected')[0]?.['position']
    first.socket.disconnect()
    await app.database.query(addItem)
    await app.database.query(addLot)

    const back = app.client(undefined, { auth: { token: user.token, position } })
    await expect.poll(() => back.of('inventory:update').length).toBe(2)
    expect(back.of('connected')).toMatchObject([{ resumed: true, position }])
    await app.database.query(`update inventory_lots set quantity = 9`)
    await expect.poll(() => back.of('inventory:update').length).toBe(3)
  })

  it('that has seen more than this node goes on where it was, once the node has caught up', async () => {
    await using real = await createTestDatabase()
    let reads = Promise.resolve()
    await using app = await setupApp({
      database: {
        ...real,
        listen: () => Promise.resolve(() => Promise.resolve()),
        query: async (sql, params, options) => {
          if (sql.includes('as head_seq')) await reads
          return real.query(sql, params, options)
        },
      },
    })
    const user = await app.addUser('pharmacist')
    const first = await app.connect(user)
    first.socket.disconnect()
    let letRead = (): void => undefined
    reads = new Promise((resolve) => (letRead = resolve))
    await real.query(addItem)
    const [position] = await real.query('select epoch, seq from log_head')
    const client = app.client(undefined, { auth: { token: user.token, position } })
    await expect.poll(() => client.socket.connected).toBe(true)
    letRead()

    await expect.poll(() => client.of('connected')).toMatchObject([{ resumed: true, position }])
    await real.query(`update inventory_items set name = 'Amoxicillin 500 mg'`)
    await expect.poll(() => client.of('inventory:update').length).toBe(1)
    expect(client.of('log:reset')).toEqual([])
  })

  it.each([
    [{ epoch: '3f2c8a52-9f5e-4a53-9d36-0d34f6c7d1aa', seq: 0 }, 'epoch_changed'],
    ['forged', 'position_invalid'],
    [{ epoch: 'own', seq: 1_000_000 }, 'position_in_future'],
    [{ epoch: 'own', seq: -1 }, 'position_invalid'],
  ])('that claims %j is told to reset: %s', async (claimed, reason) => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const [head] = await app.database.query<{ epoch: string }>('select epoch from log_head')
    const position =
      typeof claimed === 'object' && claimed.epoch === 'own'
        ? { ...claimed, epoch: head?.epoch }
        : claimed
    const client = app.client(undefined, { auth: { token: user.token, position } })

    await expect.poll(() => client.of('log:reset')).toMatchObject([{ reason }])
    expect(client.of('connected')).toMatchObject([{ resumed: false }])
  })
})
