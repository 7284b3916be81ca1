import { inventoryDigestSchema, type Item } from '@uzima/contracts'
import { digestOf } from '@uzima/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDigest } from '../../src/inventory/digest.js'
import { times } from '../support/long.js'
import { createTestDatabase } from '../support/world.js'

const MAX = 2_147_483_647
const quantity = fc.integer({ min: 0, max: MAX })

const anItem = fc
  .record({
    // What the table takes: no control characters, nothing that is cut off at the ends.
    sku: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .map((text) => text.replaceAll(/[\p{C}\p{Z}\u2028\u2029]/gu, '-')),
    version: fc.integer({ min: 1, max: MAX }),
    total: quantity,
    expired: quantity,
    archived: fc.boolean(),
  })
  .map((item) => ({ ...item, expired: Math.min(item.total, item.expired) }))

describe('the digest of the database', () => {
  it('is that of a client that has read the stock, whatever is in it', async () => {
    await using database = await createTestDatabase()
    const stocks = fc.uniqueArray(anItem, { maxLength: 20, selector: ({ sku }) => sku })
    await fc.assert(
      fc.asyncProperty(stocks, async (stock) => {
        const rolledBack = new Error('for the next one')
        await database
          .transaction(async (tx) => {
            // Any row that there can be, not only those that some movements lead to.
            await tx.query('alter table inventory_items disable trigger user')
            for (const { sku, version, total, expired, archived } of stock) {
              await tx.query(
                `insert into inventory_items
                   (sku, name, version, total_quantity, expired_quantity, archived_at)
                 values ($1, 'x', $2, $3, $4, case when $5::boolean then now() end)`,
                [sku, version, total, expired, archived],
              )
            }
            const items = await tx.query<{ item: Item }>(
              'select item from inventory_item_view where archived_at is null',
            )
            const told = inventoryDigestSchema.parse(await readDigest(tx))
            expect(told.digest).toBe(digestOf(items.map(({ item }) => item)))
            expect(told.items).toBe(stock.filter(({ archived }) => !archived).length)
            throw rolledBack
          })
          .catch((error: unknown) => {
            if (error !== rolledBack) throw error
          })
      }),
      { numRuns: times(15, 500) },
    )
  })

  it('is of the entry that changed the stock last', async () => {
    await using database = await createTestDatabase()
    await database.query(`insert into inventory_items (sku, name) values ('ORS', 'Salts')`)
    const [head] = await database.query<{ seq: number }>('select seq from log_head')
    expect(await readDigest(database)).toMatchObject({ seq: head?.seq, items: 1 })
  })
})
