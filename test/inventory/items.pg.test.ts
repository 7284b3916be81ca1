import { itemSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { createClinic, expectRefusal, pharmacist, stateOf } from './support.js'

describe('items', () => {
  it('are made without stock, with what was given and defaults for the rest', async () => {
    await using clinic = await createClinic()
    const item = await clinic.inventory.create(pharmacist, {
      sku: 'ORS-1',
      name: 'Oral rehydration salts',
      category: 'Rehydration',
      unit: 'sachet',
      metadata: { atc: 'A07CA', stores: ['main'] },
    })
    expect(itemSchema.parse(item)).toEqual({
      sku: 'ORS-1',
      name: 'Oral rehydration salts',
      category: 'Rehydration',
      unit: 'sachet',
      threshold: 0,
      totalQuantity: 0,
      usableQuantity: 0,
      expiredQuantity: 0,
      lowStock: true,
      version: 1,
      lots: [],
      metadata: { atc: 'A07CA', stores: ['main'] },
      updatedAt: item.updatedAt,
    })
    expect(await clinic.inventory.get('ORS-1')).toEqual(item)
  })

  it('have a sku of their own, even after they are archived', async () => {
    await using clinic = await createClinic()
    const again = { sku: 'amox', name: 'Another' }
    await expectRefusal(clinic.inventory.create(pharmacist, again), 'INVENTORY_SKU_EXISTS')
    await clinic.inventory.archive(pharmacist, 'amox')
    await expectRefusal(clinic.inventory.create(pharmacist, again), 'INVENTORY_SKU_EXISTS')
  })

  it('change in the fields that are named, and only in those', async () => {
    await using clinic = await createClinic()
    const { inventory } = clinic
    await inventory.update(pharmacist, 'amox', { category: 'Antibiotics', unit: 'capsule' })
    const item = await inventory.update(pharmacist, 'amox', { unit: null, metadata: { shelf: 3 } })
    expect(item).toMatchObject({
      name: 'Amoxicillin 500 mg',
      category: 'Antibiotics',
      unit: null,
      threshold: 10,
      metadata: { shelf: 3 },
      version: 3,
    })
  })

  it('stay at their version, and unheard of, where a change changes nothing', async () => {
    await using clinic = await createClinic()
    const before = await stateOf(clinic.database)
    await clinic.inventory.update(pharmacist, 'amox', { threshold: 10 })
    expect(await stateOf(clinic.database)).toEqual(before)
  })

  it('refuse a change that was made from another version, and tell the current one', async () => {
    await using clinic = await createClinic()
    const { inventory } = clinic
    await inventory.update(pharmacist, 'amox', { threshold: 20 }, [1])
    await expectRefusal(
      inventory.update(pharmacist, 'amox', { threshold: 30 }, [1]),
      'INVENTORY_VERSION_CONFLICT',
      { details: { currentVersion: 2 } },
    )
    expect((await inventory.get('amox')).threshold).toBe(20)
  })

  it('let one of two changes from the same version through', async () => {
    await using clinic = await createClinic()
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => clinic.inventory.update(pharmacist, 'amox', { threshold: n }, [1])),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await clinic.inventory.get('amox')).version).toBe(2)
  })

  it('are gone once archived, with their history kept', async () => {
    await using clinic = await createClinic([['L1', 5, '2040-01-01']])
    const { inventory } = clinic
    await inventory.archive(pharmacist, 'amox')
    await expectRefusal(inventory.get('amox'), 'INVENTORY_ITEM_NOT_FOUND')
    await expectRefusal(inventory.archive(pharmacist, 'amox'), 'INVENTORY_ITEM_NOT_FOUND')
    await expectRefusal(
      inventory.update(pharmacist, 'amox', { name: 'x' }),
      'INVENTORY_ITEM_NOT_FOUND',
    )
    expect((await inventory.list({ limit: 10 })).items).toEqual([])
    expect((await inventory.movements('amox', { limit: 10 })).movements).toHaveLength(1)
  })

  it('that do not exist are not found', async () => {
    await using clinic = await createClinic()
    const { inventory } = clinic
    const lot = { lotNumber: 'L', quantity: 1, expiryDate: '2040-01-01' }
    for (const attempt of [
      () => inventory.get('none'),
      () => inventory.update(pharmacist, 'none', { name: 'x' }, [1]),
      () => inventory.archive(pharmacist, 'none'),
      () => inventory.addLot(pharmacist, 'none', lot),
      () => inventory.consume(pharmacist, 'none', { quantity: 1 }),
      () => inventory.adjust(pharmacist, 'none', { lotNumber: 'L', quantity: 1, reason: 'count' }),
      () => inventory.movements('none', { limit: 1 }),
    ]) {
      await expectRefusal(attempt(), 'INVENTORY_ITEM_NOT_FOUND')
    }
  })

  it('refuse text that the database cannot keep', async () => {
    await using clinic = await createClinic()
    const { inventory } = clinic
    for (const metadata of [{ note: 'a\0b' }, { ['\ud800']: 1 }]) {
      await expectRefusal(
        inventory.create(pharmacist, { sku: 'x', name: 'X', metadata }),
        'VALIDATION_FAILED',
      )
      await expectRefusal(inventory.update(pharmacist, 'amox', { metadata }), 'VALIDATION_FAILED')
    }
  })
})
