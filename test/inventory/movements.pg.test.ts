import { consumeResultSchema, movementPageSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { createClinic, day, expectRefusal, pharmacist, stateOf } from './support.js'

const EARLY = '2040-01-01'
const LATE = '2041-01-01'

describe('addLot', () => {
  it('makes a lot, and lets it grow the next time', async () => {
    await using clinic = await createClinic()
    const receipt = { lotNumber: 'L1', quantity: 4, expiryDate: EARLY }
    await clinic.inventory.addLot(pharmacist, 'amox', receipt)
    const item = await clinic.inventory.addLot(pharmacist, 'amox', receipt)
    expect(item).toMatchObject({
      totalQuantity: 8,
      version: 3,
      lots: [{ lotNumber: 'L1', quantity: 8 }],
    })
  })

  it('refuses a lot number that has another expiry date', async () => {
    await using clinic = await createClinic([['L1', 5, EARLY]])
    const before = await stateOf(clinic.database)
    await expectRefusal(
      clinic.inventory.addLot(pharmacist, 'amox', {
        lotNumber: 'L1',
        quantity: 1,
        expiryDate: LATE,
      }),
      'INVENTORY_LOT_MISMATCH',
    )
    expect(await stateOf(clinic.database)).toEqual(before)
  })

  it('refuses more than a lot, or an item, can count', async () => {
    await using clinic = await createClinic([['L1', 2_147_483_647, EARLY]])
    const before = await stateOf(clinic.database)
    for (const lotNumber of ['L1', 'L2']) {
      await expectRefusal(
        clinic.inventory.addLot(pharmacist, 'amox', { lotNumber, quantity: 1, expiryDate: EARLY }),
        'INVENTORY_QUANTITY_LIMIT',
      )
    }
    expect(await stateOf(clinic.database)).toEqual(before)
  })

  it('moves single units of a lot that holds all that an item can count', async () => {
    await using clinic = await createClinic([['L1', 2_147_483_647, EARLY]])
    const { inventory } = clinic
    const lot = { lotNumber: 'L1', reason: 'x' }
    const given = await inventory.consume(pharmacist, 'amox', { quantity: 1 })
    expect(given.item).toMatchObject({ totalQuantity: 2_147_483_646 })
    expect(await inventory.dispose(pharmacist, 'amox', { ...lot, quantity: 2 })).toMatchObject({
      totalQuantity: 2_147_483_644,
    })
    expect(
      await inventory.adjust(pharmacist, 'amox', { ...lot, quantity: 2_147_483_646 }),
    ).toMatchObject({ totalQuantity: 2_147_483_646 })
    expect(
      await inventory.addLot(pharmacist, 'amox', {
        lotNumber: 'L1',
        quantity: 1,
        expiryDate: EARLY,
      }),
    ).toMatchObject({ totalQuantity: 2_147_483_647, lots: [{ quantity: 2_147_483_647 }] })
  })
})

describe('consume', () => {
  it('takes the earliest expiry first, then the lower lot number, in one movement', async () => {
    await using clinic = await createClinic([
      ['late', 10, LATE],
      ['b', 3, EARLY],
      ['a', 2, EARLY],
    ])
    const result = await clinic.inventory.consume(pharmacist, 'amox', {
      quantity: 6,
      reason: 'ward 2',
    })
    expect(consumeResultSchema.parse(result)).toMatchObject({
      item: { totalQuantity: 9 },
      lotsConsumed: [
        { lotNumber: 'a', expiryDate: EARLY, quantity: 2 },
        { lotNumber: 'b', expiryDate: EARLY, quantity: 3 },
        { lotNumber: 'late', expiryDate: LATE, quantity: 1 },
      ],
    })
    const [event] = await clinic.database.query(
      `select payload from event_log where name = 'inventory:update' order by seq desc limit 1`,
    )
    expect(event).toMatchObject({
      payload: { type: 'consumed', item: result.item, lotsConsumed: result.lotsConsumed },
    })
    const { movements } = await clinic.inventory.movements('amox', { limit: 1 })
    expect(movements).toMatchObject([
      { type: 'consumed', delta: -6, before: 15, after: 9, actor: 'Amina', reason: 'ward 2' },
    ])
  })

  it('refuses more than there is, says what there is, and changes nothing', async () => {
    await using clinic = await createClinic([
      ['L1', 4, EARLY],
      ['L2', 3, LATE],
    ])
    const before = await stateOf(clinic.database)
    await expectRefusal(
      clinic.inventory.consume(pharmacist, 'amox', { quantity: 8 }),
      'INVENTORY_INSUFFICIENT_STOCK',
      {
        details: { requested: 8, available: 7 },
        detail: 'Asked for 8, available are 7.',
      },
    )
    expect(await stateOf(clinic.database)).toEqual(before)
  })

  it('never takes an expired lot, and says how many units those hold', async () => {
    await using clinic = await createClinic([
      ['old', 5, day(-1)],
      ['today', 1, day(0)],
    ])
    const { inventory } = clinic
    await expectRefusal(
      inventory.consume(pharmacist, 'amox', { quantity: 2 }),
      'INVENTORY_INSUFFICIENT_STOCK',
      {
        details: { requested: 2, available: 1 },
        detail: 'Asked for 2, available are 1. Another 5 have expired.',
      },
    )
    const today = await inventory.consume(pharmacist, 'amox', { quantity: 1 })
    expect(today.lotsConsumed).toMatchObject([{ lotNumber: 'today', quantity: 1 }])
    expect(today.item).toMatchObject({ totalQuantity: 5, usableQuantity: 0, expiredQuantity: 5 })
  })

  it('gives out exactly 10 of the last 10 units to 16 who ask at once', async () => {
    await using clinic = await createClinic([
      ['L1', 4, EARLY],
      ['L2', 6, LATE],
    ])
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, () =>
        clinic.inventory.consume(pharmacist, 'amox', { quantity: 1 }),
      ),
    )
    const given = outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []))
    const refused = outcomes.flatMap((o): unknown[] => (o.status === 'rejected' ? [o.reason] : []))
    expect(given).toHaveLength(10)
    expect(refused).toHaveLength(6)
    for (const refusal of refused) {
      expect(refusal).toMatchObject({
        code: 'INVENTORY_INSUFFICIENT_STOCK',
        details: { requested: 1, available: 0 },
      })
    }
    expect(
      given.flatMap(({ lotsConsumed }) => lotsConsumed.map((lot) => lot.lotNumber)).sort(),
    ).toEqual([...Array<string>(4).fill('L1'), ...Array<string>(6).fill('L2')])
    expect((await clinic.inventory.get('amox')).totalQuantity).toBe(0)
  })
})

describe('stock of an archived item', () => {
  it('is not moved any more', async () => {
    await using clinic = await createClinic([['L1', 5, EARLY]])
    const { inventory } = clinic
    await inventory.archive(pharmacist, 'amox')
    const before = await stateOf(clinic.database)
    for (const attempt of [
      () =>
        inventory.addLot(pharmacist, 'amox', { lotNumber: 'L1', quantity: 1, expiryDate: EARLY }),
      () =>
        inventory.addLot(pharmacist, 'amox', { lotNumber: 'L1', quantity: 1, expiryDate: LATE }),
      () => inventory.consume(pharmacist, 'amox', { quantity: 1 }),
      () => inventory.dispose(pharmacist, 'amox', { lotNumber: 'L1', quantity: 1, reason: 'x' }),
      () => inventory.adjust(pharmacist, 'amox', { lotNumber: 'L1', quantity: 1, reason: 'count' }),
    ]) {
      await expectRefusal(attempt(), 'INVENTORY_ITEM_ARCHIVED')
    }
    expect(await stateOf(clinic.database)).toEqual(before)
  })
})

describe('the history of an item', () => {
  it('is paged newest first, without a gap while it grows', async () => {
    await using clinic = await createClinic([['L1', 100, EARLY]])
    const { inventory } = clinic
    for (const quantity of [1, 2, 3, 4]) await inventory.consume(pharmacist, 'amox', { quantity })
    const first = await inventory.movements('amox', { limit: 2 })
    expect(movementPageSchema.parse(first).movements.map(({ delta }) => delta)).toEqual([-4, -3])
    await inventory.consume(pharmacist, 'amox', { quantity: 5 })
    const rest = await inventory.movements('amox', { limit: 10, cursor: first.nextCursor ?? '' })
    expect(rest.movements.map(({ delta }) => delta)).toEqual([-2, -1, 100])
    expect(rest.nextCursor).toBeNull()
  })

  it('refuses a cursor that it did not give', async () => {
    await using clinic = await createClinic([['L1', 1, EARLY]])
    for (const cursor of [
      '',
      '1',
      'x'.repeat(300),
      btoa('["movements","0"]'),
      btoa(`["movements","${'9'.repeat(19)}"]`),
    ]) {
      await expectRefusal(
        clinic.inventory.movements('amox', { limit: 1, cursor }),
        'VALIDATION_FAILED',
      )
    }
  })

  it('is empty for an item that never had stock', async () => {
    await using clinic = await createClinic()
    expect(await clinic.inventory.movements('amox', { limit: 1 })).toEqual({
      movements: [],
      nextCursor: null,
    })
  })
})
