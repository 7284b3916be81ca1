import { consumptionSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { createClinic, pharmacist } from './support.js'

describe('what was given out lately', () => {
  it('is nothing before the first use, then the sum of the uses over the days of the history', async () => {
    await using clinic = await createClinic([['L1', 100, '2040-01-01']])
    const { inventory } = clinic
    expect(await inventory.consumption({})).toEqual({ items: [] })
    for (const quantity of [5, 7, 30]) await inventory.consume(pharmacist, 'amox', { quantity })
    await inventory.dispose(pharmacist, 'amox', { lotNumber: 'L1', quantity: 8, reason: 'broken' })

    const all = consumptionSchema.parse(await inventory.consumption({}))
    expect(all).toEqual({ items: [{ sku: 'amox', uses: 3, quantity: 42, days: 1 }] })
    expect(await inventory.consumption({ sku: 'amox' })).toEqual(all)
    expect(await inventory.consumption({ sku: 'other' })).toEqual({ items: [] })
  })

  it('leaves out what is older than 30 days, and items that are archived', async () => {
    await using clinic = await createClinic([['L1', 100, '2040-01-01']])
    const { inventory, database } = clinic
    await inventory.consume(pharmacist, 'amox', { quantity: 5 })
    await database.query(
      `insert into stock_movements (sku, type, delta, before, after, lots, actor, at, seq)
        select sku, type, delta, before, after, lots, actor, at - interval '31 days', seq
          from stock_movements where type = 'consumed'`,
    )
    // History is written in order of time; the older one here is only there to be old.
    expect(await inventory.consumption({})).toEqual({
      items: [{ sku: 'amox', uses: 1, quantity: 5, days: 30 }],
    })
    await inventory.archive(pharmacist, 'amox')
    expect(await inventory.consumption({})).toEqual({ items: [] })
  })
})
