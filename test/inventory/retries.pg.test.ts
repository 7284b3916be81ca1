import { describe, expect, it } from 'vitest'
import { createClinic, expectRefusal, stateOf, withKey } from './support.js'

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
