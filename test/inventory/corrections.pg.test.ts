import { describe, expect, it } from 'vitest'
import { createClinic, day, expectRefusal, pharmacist, stateOf, withKey } from './support.js'

const EARLY = '2040-01-01'

describe('adjust', () => {
  it('sets the lot to what was counted, with the reason', async () => {
    await using clinic = await createClinic([['L1', 5, EARLY]])
    const count = { lotNumber: 'L1', quantity: 2, reason: 'breakage' }
    expect(await clinic.inventory.adjust(pharmacist, 'amox', count)).toMatchObject({
      totalQuantity: 2,
    })
    const { movements } = await clinic.inventory.movements('amox', { limit: 1 })
    expect(movements).toMatchObject([{ type: 'adjusted', delta: -3, reason: 'breakage' }])
  })

  it('changes nothing where the count is right, and answers the item', async () => {
    await using clinic = await createClinic([['L1', 5, EARLY]])
    const before = await stateOf(clinic.database)
    const count = { lotNumber: 'L1', quantity: 5, reason: 'yearly count' }
    expect(await clinic.inventory.adjust(pharmacist, 'amox', count)).toMatchObject({
      totalQuantity: 5,
    })
    expect(await stateOf(clinic.database)).toEqual(before)
  })

  it('does not overwrite what others have taken since, and says what is there', async () => {
    await using clinic = await createClinic([['L1', 10, EARLY]])
    const { inventory } = clinic
    const count = { lotNumber: 'L1', quantity: 9, reason: 'count', expected: 10 }
    await inventory.consume(pharmacist, 'amox', { quantity: 4 })
    const before = await stateOf(clinic.database)
    await expectRefusal(inventory.adjust(pharmacist, 'amox', count), 'INVENTORY_COUNT_CONFLICT', {
      details: { expected: 10, actual: 6 },
    })
    expect(await stateOf(clinic.database)).toEqual(before)
    expect(
      await inventory.adjust(pharmacist, 'amox', { ...count, expected: 6, quantity: 5 }),
    ).toMatchObject({ totalQuantity: 5 })
  })

  it('lets one of those who counted the same lot at once have it', async () => {
    await using clinic = await createClinic([['L1', 10, EARLY]])
    const outcomes = await Promise.allSettled(
      [7, 8, 9].map((quantity) =>
        clinic.inventory.adjust(pharmacist, 'amox', {
          lotNumber: 'L1',
          quantity,
          reason: 'count',
          expected: 10,
        }),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('refuses a lot that is not there, and what the item cannot count', async () => {
    await using clinic = await createClinic([
      ['L1', 5, EARLY],
      ['L2', 5, EARLY],
    ])
    const { inventory } = clinic
    await expectRefusal(
      inventory.adjust(pharmacist, 'amox', { lotNumber: 'L9', quantity: 1, reason: 'count' }),
      'INVENTORY_LOT_NOT_FOUND',
    )
    await expectRefusal(
      inventory.adjust(pharmacist, 'amox', {
        lotNumber: 'L1',
        quantity: 2_147_483_647,
        reason: 'x',
      }),
      'INVENTORY_QUANTITY_LIMIT',
    )
  })
})

describe('dispose', () => {
  const writeOff = (lotNumber: string, quantity: number) => ({ lotNumber, quantity, reason: 'x' })

  it('writes off units of a lot, expired or not, with the reason', async () => {
    await using clinic = await createClinic([
      ['old', 5, day(-1)],
      ['L1', 5, EARLY],
    ])
    const { inventory } = clinic
    await inventory.dispose(pharmacist, 'amox', writeOff('old', 5))
    const item = await inventory.dispose(pharmacist, 'amox', {
      lotNumber: 'L1',
      quantity: 2,
      reason: 'broken',
    })
    expect(item).toMatchObject({ totalQuantity: 3, usableQuantity: 3, expiredQuantity: 0 })
    const { movements } = await inventory.movements('amox', { limit: 2 })
    expect(movements).toMatchObject([
      { type: 'disposed', delta: -2, actor: 'Amina', reason: 'broken' },
      { type: 'disposed', delta: -5 },
    ])
    const [event] = await clinic.database.query(
      `select payload from event_log where name = 'inventory:update' order by seq desc limit 1`,
    )
    expect(event).toMatchObject({ payload: { type: 'disposed', item } })
  })

  it('refuses more than the lot has, and a lot that is not there, and changes nothing', async () => {
    await using clinic = await createClinic([
      ['L1', 5, EARLY],
      ['L2', 5, EARLY],
    ])
    const { inventory } = clinic
    const before = await stateOf(clinic.database)
    await expectRefusal(
      inventory.dispose(pharmacist, 'amox', writeOff('L1', 6)),
      'INVENTORY_INSUFFICIENT_STOCK',
      { details: { requested: 6, available: 5 }, detail: 'Asked for 6, the lot has 5.' },
    )
    await expectRefusal(
      inventory.dispose(pharmacist, 'amox', writeOff('L9', 1)),
      'INVENTORY_LOT_NOT_FOUND',
    )
    await expectRefusal(
      inventory.dispose(pharmacist, 'none', writeOff('L1', 1)),
      'INVENTORY_ITEM_NOT_FOUND',
    )
    expect(await stateOf(clinic.database)).toEqual(before)
  })

  it('is done once for one Idempotency-Key', async () => {
    await using clinic = await createClinic([['L1', 5, EARLY]])
    const dispose = (): Promise<unknown> =>
      clinic.inventory.dispose(withKey('d1'), 'amox', writeOff('L1', 2))
    expect(await dispose()).toEqual(await dispose())
    expect((await clinic.inventory.get('amox')).totalQuantity).toBe(3)
  })
})
