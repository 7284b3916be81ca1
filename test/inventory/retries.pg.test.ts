import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createInventory } from '../../src/inventory/inventory.js'
import { migrate } from '../../src/storage/migrate.js'
import { removeOldAnswers } from '../../src/storage/idempotency.js'
import { createDatabaseBefore } from '../support/old-database.js'
import { createClinic, expectRefusal, stateOf, withKey, type Clinic } from './support.js'

describe('writes with an Idempotency-Key', () => {
  it('move stock once, however often they arrive, and answer the same', async () => {
    await using clinic = await createClinic([['L1', 10, '2040-01-01']])
    const consume = (): Promise<unknown> =>
      clinic.inventory.consume(withKey('c1'), 'amox', { quantity: 3 })
    const answers = await Promise.all([consume(), consume(), consume()])
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(JSON.stringify(await consume())).toBe(JSON.stringify(answers[0]))
    expect((await clinic.inventory.get('amox')).totalQuantity).toBe(7)
  })

  it('repeat a refusal even where there is enough by now', async () => {
    await using clinic = await createClinic([['L1', 1, '2040-01-01']])
    const consume = (): Promise<unknown> =>
      clinic.inventory.consume(withKey('c1'), 'amox', { quantity: 3 })
    const refusal = { details: { requested: 3, available: 1 } }
    await expectRefusal(consume(), 'INVENTORY_INSUFFICIENT_STOCK', refusal)
    const lot = { lotNumber: 'L1', quantity: 9, expiryDate: '2040-01-01' }
    await clinic.inventory.addLot(withKey('r1'), 'amox', lot)
    const before = await stateOf(clinic.database)
    await expectRefusal(consume(), 'INVENTORY_INSUFFICIENT_STOCK', refusal)
    expect(await stateOf(clinic.database)).toEqual(before)
  })

  it('are told apart by operation, item and body', async () => {
    await using clinic = await createClinic([['L1', 10, '2040-01-01']])
    const { inventory } = clinic
    await inventory.create(withKey('other'), { sku: 'other', name: 'Other' })
    await inventory.consume(withKey('k'), 'amox', { quantity: 1 })
    const lot = { lotNumber: 'L1', quantity: 1, expiryDate: '2040-01-01' }
    for (const attempt of [
      () => inventory.consume(withKey('k'), 'amox', { quantity: 2 }),
      () => inventory.consume(withKey('k'), 'other', { quantity: 1 }),
      () => inventory.addLot(withKey('k'), 'amox', lot),
      () => inventory.create(withKey('k'), { sku: 'third', name: 'Third' }),
      () => inventory.adjust(withKey('k'), 'amox', { lotNumber: 'L1', quantity: 1, reason: 'x' }),
    ]) {
      await expectRefusal(attempt(), 'IDEMPOTENCY_KEY_REUSED')
    }
    expect((await inventory.get('amox')).totalQuantity).toBe(9)
  })

  it('make an item once', async () => {
    await using clinic = await createClinic()
    const body = { sku: 'new', name: 'New' }
    const first = await clinic.inventory.create(withKey('n'), body)
    expect(await clinic.inventory.create(withKey('n'), body)).toEqual(first)
    await expectRefusal(clinic.inventory.create(withKey('n2'), body), 'INVENTORY_SKU_EXISTS')
    await expectRefusal(clinic.inventory.create(withKey('n2'), body), 'INVENTORY_SKU_EXISTS')
  })
})

/** A day and more without power: the answers are forgotten, as the upkeep does it. */
const forgetAnswers = async ({ database }: Pick<Clinic, 'database'>): Promise<void> => {
  await database.query(`update idempotency_keys set created_at = now() - interval '25 hours'`)
  await removeOldAnswers(database)
}

describe('writes whose answers are forgotten', () => {
  const lot = { lotNumber: 'L1', expiryDate: '2040-01-01' }
  const kinds = {
    'a receipt': ({ inventory }: Clinic) =>
      inventory.addLot(withKey('k'), 'amox', { ...lot, quantity: 5 }),
    'a consumption of several lots': ({ inventory }: Clinic) =>
      inventory.consume(withKey('k'), 'amox', { quantity: 12 }),
    'a count': ({ inventory }: Clinic) =>
      inventory.adjust(withKey('k'), 'amox', { lotNumber: 'L1', quantity: 3, reason: 'count' }),
    'a count that found what was there': ({ inventory }: Clinic) =>
      inventory.adjust(withKey('k'), 'amox', { lotNumber: 'L1', quantity: 10, reason: 'count' }),
    'a write-off': ({ inventory }: Clinic) =>
      inventory.dispose(withKey('k'), 'amox', { lotNumber: 'L1', quantity: 2, reason: 'broken' }),
  }

  it.each(Object.entries(kinds))('book %s once, and say so ever after', async (_name, write) => {
    await using clinic = await createClinic([
      ['L1', 10, '2040-01-01'],
      ['L2', 20, '2041-01-01'],
    ])
    const first = await write(clinic)
    await clinic.inventory.consume(withKey('other'), 'amox', { quantity: 4 })
    for (const time of ['once', 'twice']) {
      await forgetAnswers(clinic)
      const before = await stateOf(clinic.database)
      const item = await clinic.inventory.get('amox')
      // The item is the one of today; what was given out is what was given out then.
      expect(await write(clinic), time).toEqual('item' in first ? { ...first, item } : item)
      expect(await stateOf(clinic.database)).toEqual(before)
    }
  })

  it('are told apart by the request, and belong to their user', async () => {
    await using clinic = await createClinic([['L1', 10, '2040-01-01']])
    const { inventory } = clinic
    await inventory.consume(withKey('k'), 'amox', { quantity: 1 })
    await forgetAnswers(clinic)
    await expectRefusal(
      inventory.consume(withKey('k'), 'amox', { quantity: 2 }),
      'IDEMPOTENCY_KEY_REUSED',
    )
    await inventory.consume(withKey('k', 'user-2'), 'amox', { quantity: 1 })
    expect((await inventory.get('amox')).totalQuantity).toBe(8)
  })

  it('are booked once where they come several times at once', async () => {
    await using clinic = await createClinic([['L1', 10, '2040-01-01']])
    const consume = () => clinic.inventory.consume(withKey('k'), 'amox', { quantity: 3 })
    await consume()
    await forgetAnswers(clinic)
    await Promise.all([consume(), consume(), consume()])
    expect((await clinic.inventory.get('amox')).totalQuantity).toBe(7)
  })

  it('are judged anew where they were refused, for nothing was booked', async () => {
    await using clinic = await createClinic([['L1', 1, '2040-01-01']])
    const consume = () => clinic.inventory.consume(withKey('k'), 'amox', { quantity: 3 })
    await expectRefusal(consume(), 'INVENTORY_INSUFFICIENT_STOCK')
    await forgetAnswers(clinic)
    await clinic.inventory.addLot(withKey('r'), 'amox', { ...lot, quantity: 9 })
    expect(await consume()).toMatchObject({ item: { totalQuantity: 7 } })
  })

  it('cannot be booked twice even past the service', async () => {
    await using clinic = await createClinic([['L1', 10, '2040-01-01']])
    await clinic.inventory.consume(withKey('k'), 'amox', { quantity: 3 })
    await expect(
      clinic.database.transaction(async (tx) => {
        await tx.query(
          `select set_config('uzima.user_id', 'user-1', true), set_config('uzima.request_key', 'k', true)`,
        )
        await tx.query('update inventory_lots set quantity = quantity - 3')
      }),
    ).rejects.toThrow(/stock_movements_request/)
    expect((await clinic.inventory.get('amox')).totalQuantity).toBe(7)
  })

  it('are not booked again by the release that begins to keep keys', async () => {
    await using database = await createDatabaseBefore('0019')
    const request = { action: 'consumed', body: { quantity: 3 }, sku: 'amox' }
    const hash = createHash('sha256').update(JSON.stringify(request)).digest()
    await database.query(`insert into inventory_items (sku, name) values ('amox', 'Amoxicillin')`)
    await database.query(`insert into inventory_lots values ('amox', 'L1', 7, '2040-01-01')`)
    await database.query(
      `insert into idempotency_keys (user_id, key, request_hash, answer) values
        ('user-1', 'booked', $1, '{"value":{"item":{},"lotsConsumed":[]}}'),
        ('user-1', 'refused', $1, '{"refusal":{"code":"INVENTORY_INSUFFICIENT_STOCK","details":{}}}')`,
      [hash],
    )
    await migrate(database)
    await forgetAnswers({ database })
    const inventory = createInventory(database)
    const consume = (key: string) => inventory.consume(withKey(key), 'amox', { quantity: 3 })
    expect(await consume('booked')).toMatchObject({ item: { totalQuantity: 7 } })
    expect(await consume('refused')).toMatchObject({ item: { totalQuantity: 4 } })
  })
})
