import { describe, expect, it } from 'vitest'
import { writeDue } from '../../src/log/due.js'
import { setClock } from '../inventory/test-clock.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'
import { addUser, allAlerts, told, unresolved } from './support.js'

/** Two items that are low since noon; alert 1 is a's, alert 2 is b's. */
const createLowShelf = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase()
  await setClock(database, '2030-01-01 12:00Z')
  await database.script(`
    insert into inventory_items (sku, name, threshold) values ('a', 'A', 10), ('b', 'B', 10);
    insert into inventory_lots values ('a', 'L', 5, '2032-01-01'), ('b', 'L', 5, '2032-01-01')`)
  return database
}

const audiences = (database: TestDatabase): Promise<unknown> =>
  database.query(
    `select payload -> 'alert' ->> 'id' as id, audience from event_log
      where name = 'alert:changed' order by seq`,
  )

describe('an acknowledgement', () => {
  it('by plain SQL has a name, a time, a note and an entry, and the first one stays', async () => {
    await using database = await createLowShelf()
    const first = await addUser(database, 'amina')
    const second = await addUser(database, 'baraka')
    await database.query(
      `update alerts set acknowledged_by = $1, note = ' ordered ' where sku = 'a'`,
      [first],
    )
    await setClock(database, '2030-01-01 13:00Z')
    await database.query(
      `update alerts set acknowledged_by = $1, note = 'me too' where sku = 'a'`,
      [second],
    )
    expect((await allAlerts(database))[0]).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: first,
      acknowledgedByUsername: 'amina',
      acknowledgedAt: '2030-01-01T12:00:00.000Z',
      note: 'ordered',
    })
    expect((await told(database)).slice(2)).toEqual(['alert:changed low_stock acknowledged'])

    // Who acted is known after his account is gone, and after the cause is.
    await database.query('delete from users where id = $1', [first])
    await database.query(`update inventory_lots set quantity = 50 where sku = 'a'`)
    await database.query(`update alerts set acknowledged_by = $1 where sku = 'a'`, [second])
    expect((await allAlerts(database))[0]).toMatchObject({
      state: 'resolved',
      acknowledgedBy: first,
      acknowledgedByUsername: 'amina',
    })
    expect(await told(database)).toHaveLength(4)
  })

  it('is all that another program may write', async () => {
    await using database = await createLowShelf()
    const user = await addUser(database)
    await database.query(`update alerts set acknowledged_by = $1 where sku = 'b'`, [user])
    const before = await allAlerts(database)
    for (const [sql, message] of [
      [`update alerts set resolved_at = now()`, 'kept by the database'],
      [`update alerts set kind = 'expired', lot_number = 'L'`, 'kept by the database'],
      [`update alerts set escalated_at = now() where sku = 'a'`, 'kept by the database'],
      [`update alerts set note = 'x' where sku = 'a'`, 'goes with an acknowledgement'],
      [`update alerts set acknowledged_by = null where sku = 'b'`, 'not taken back'],
      [`update alerts set acknowledged_by = gen_random_uuid() where sku = 'a'`, 'no user'],
      [
        `insert into alerts (kind, sku, name, raised_at) values ('low_stock', 'c', 'C', now())`,
        'raised by',
      ],
      [`delete from alerts`, 'is history'],
      [`truncate alerts, alert_seen`, 'TRUNCATE'],
    ] as const) {
      await expect(database.query(sql), sql).rejects.toThrow(message)
    }
    await expect(
      database.query(`update alerts set acknowledged_by = $1, note = '' where sku = 'a'`, [user]),
    ).rejects.toThrow('note is empty')
    expect(await allAlerts(database)).toEqual(before)
  })
})

describe('who has seen an alert', () => {
  it('is told once for each user, in an entry of its own', async () => {
    await using database = await createLowShelf()
    const [one, two] = [await addUser(database, 'amina'), await addUser(database, 'baraka')]
    const see = (user: string): Promise<unknown> =>
      database.query(
        'insert into alert_seen (alert_id, user_id) values (1, $1) on conflict do nothing',
        [user],
      )
    for (const user of [one, two, one]) await see(user)
    expect((await allAlerts(database))[0]?.seenBy).toEqual([
      {
        userId: expect.any(String) as string,
        username: expect.any(String) as string,
        at: '2030-01-01T12:00:00.000Z',
      },
      {
        userId: expect.any(String) as string,
        username: expect.any(String) as string,
        at: '2030-01-01T12:00:00.000Z',
      },
    ])
    expect((await told(database)).slice(2)).toEqual([
      'alert:changed low_stock open',
      'alert:changed low_stock open',
    ])
    await expect(see('00000000-0000-4000-8000-000000000000')).rejects.toThrow('no user')
    await expect(database.query('delete from alert_seen')).rejects.toThrow('is history')
  })
})

describe('an alert that nobody acknowledges', () => {
  it('is escalated once, when its time has come and not before, however many nodes write', async () => {
    await using database = await createLowShelf()
    await database.query(`update alerts set acknowledged_by = $1 where sku = 'b'`, [
      await addUser(database),
    ])
    await setClock(database, '2030-01-01 12:29:59Z')
    expect(await writeDue(database)).toBe(0)
    await setClock(database, '2030-01-01 12:30Z')
    await Promise.all([1, 2, 3, 4].map(() => writeDue(database)))
    expect(await allAlerts(database)).toMatchObject([
      { sku: 'a', state: 'open', escalatedAt: '2030-01-01T12:30:00.000Z' },
      { sku: 'b', state: 'acknowledged' },
    ])
    expect((await allAlerts(database))[1]).not.toHaveProperty('escalatedAt')

    // From then on everything about it goes to more roles.
    await database.query(`update inventory_lots set quantity = 50`)
    expect(await audiences(database)).toEqual([
      { id: '2', audience: 'alert' },
      { id: '1', audience: 'alert_escalated' },
      { id: '1', audience: 'alert_escalated' },
      { id: '2', audience: 'alert' },
    ])
    expect(await database.query(`select from due where kind = 'escalation'`)).toEqual([])
  })

  it('is escalated by the time that is set, whenever that was set', async () => {
    await using database = await createLowShelf()
    await setClock(database, '2030-01-01 12:05Z')
    await database.query(`insert into settings values ('alert_escalate_after_ms', '600000')`)
    expect(await writeDue(database)).toBe(0)
    await database.query(`update settings set value = '300000'`)
    expect(await writeDue(database)).toBe(2)
    await expect(database.query(`update settings set value = '30 minutes'`)).rejects.toThrow(
      'no whole number',
    )
  })

  it('is not escalated once its cause is gone', async () => {
    await using database = await createLowShelf()
    await database.query('update inventory_lots set quantity = 50')
    await setClock(database, '2030-01-02 12:00Z')
    expect(await writeDue(database)).toBe(0)
    expect(await unresolved(database)).toEqual([])
  })
})

describe('transactions that are left open', () => {
  const it = itPostgresOnly('needs several connections')

  it('on an alert keep its item waiting, and nobody else', async () => {
    await using database = await createLowShelf()
    const user = await addUser(database)
    await database.script(`update inventory_lots set expiry_date = '2030-01-01'`)
    await database.transaction(async (tx) => {
      await tx.query(`update alerts set acknowledged_by = $1 where sku = 'a'`, [user])
      await setClock(database, '2030-01-02 00:00Z')
      await writeDue(database)
      expect(await unresolved(database)).toEqual([
        'a low_stock',
        'a expiring L',
        'b out_of_stock',
        'b expired L',
      ])
    })
    await writeDue(database)
    expect((await unresolved(database)).slice(0, 2)).toEqual(['a out_of_stock', 'a expired L'])
  })

  it('do not make an older state of the alert the last word', async () => {
    await using database = await createLowShelf()
    const user = await addUser(database)
    let seen: Promise<unknown> | undefined
    await database.transaction(async (tx) => {
      await tx.query(`update alerts set acknowledged_by = $1 where sku = 'a'`, [user])
      seen = database.query('insert into alert_seen (alert_id, user_id) values (1, $1)', [user])
      // It waits at its commit, or has not got so far.
      await tx.query('select pg_sleep(0.2)')
    })
    await seen
    expect((await told(database)).slice(2)).toEqual([
      'alert:changed low_stock acknowledged',
      'alert:changed low_stock acknowledged',
    ])
  })
})
