import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createInventory, type Inventory } from '../../src/inventory/inventory.js'
import type { Database } from '../../src/storage/database.js'
import { times } from '../support/long.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'
import { pharmacist } from './support.js'

const ITEMS = ['1', '2', '3', '4', '5', '6', '7', '8']

/** Items `<shelf>1` and so on with 10 units in `L1` and 10 in `L2`; the last one is archived. */
const stock = (database: Database, shelf: string): Promise<void> =>
  database.script(`
    insert into inventory_items (sku, name, threshold)
      select '${shelf}' || n, 'Item', 12 from generate_series(1, ${ITEMS.length.toString()}) as n;
    insert into inventory_lots (sku, lot_number, quantity, expiry_date)
      select sku, 'L' || n, 10, date '2040-01-01' + n from inventory_items, generate_series(1, 2) as n
      where starts_with(sku, '${shelf}');
    delete from inventory_items where sku = '${shelf}${ITEMS.length.toString()}'`)

/** Asks for one movement of an item. */
type Ask = (inventory: Inventory, sku: string) => Promise<unknown>

const units = fc.integer({ min: 1, max: 24 })
const lotNumber = fc.constantFrom('L1', 'L2', 'L3')
const key = fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined })
const ask: fc.Arbitrary<Ask> = fc
  .record({
    what: fc.constantFrom('consume', 'addLot', 'adjust', 'dispose'),
    quantity: units,
    lotNumber,
    expected: fc.option(fc.constantFrom(10, 3), { nil: undefined }),
    key,
    again: fc.boolean(),
  })
  .map(({ what, quantity, lotNumber, expected, key, again }) => {
    const reason = 'for a test'
    return async (inventory, sku) => {
      const idempotencyKey = key && `${key}-${sku}`
      const command = {
        ...pharmacist,
        userId: sku.slice(0, 1),
        ...(idempotencyKey && { idempotencyKey }),
      }
      const once = (): Promise<unknown> => {
        if (what === 'consume') return inventory.consume(command, sku, { quantity, reason })
        if (what === 'dispose')
          return inventory.dispose(command, sku, { lotNumber, quantity, reason })
        if (what === 'adjust') {
          return inventory.adjust(command, sku, {
            lotNumber,
            quantity,
            reason,
            ...(expected && { expected }),
          })
        }
        return inventory.addLot(command, sku, { lotNumber, quantity, expiryDate: '2040-01-02' })
      }
      const answer = await once()
      return again ? [answer, await once()] : answer
    }
  })

/** An answer or a refusal, without what differs between two shelves. */
const told = (shelf: string, outcome: PromiseSettledResult<unknown>): unknown => {
  const { code, details } =
    outcome.status === 'rejected' && outcome.reason instanceof Error
      ? (outcome.reason as Error & { code?: string; details?: unknown })
      : {}
  const text = JSON.stringify(outcome.status === 'fulfilled' ? outcome.value : { code, details })
  return JSON.parse(text.replaceAll(`"${shelf}`, '"'), (name, value: unknown) =>
    name === 'updatedAt' || name === 'receivedAt' ? null : value,
  )
}

/** What the history tells of a shelf, item by item. */
const historyOf = (database: Database, shelf: string): Promise<unknown> =>
  database.query(
    `select substr(sku, 2) as item, type, delta, before, after, lots, actor, reason,
        user_id is not null as "hasUser", substr(request_key, 1, 2) as key
      from stock_movements where starts_with(sku, $1) order by sku, id`,
    [shelf],
  )

describe('movements that are asked for at once', () => {
  it('get the answers that each would have got alone, and leave the same history', async () => {
    await using database = await createTestDatabase()
    let runs = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(ask, { minLength: ITEMS.length, maxLength: ITEMS.length }),
        async (asks) => {
          const [one, other] = [
            String.fromCodePoint(0x4e00 + 2 * runs),
            String.fromCodePoint(0x4e01 + 2 * runs),
          ]
          runs += 1
          await stock(database, one)
          await stock(database, other)
          const inventory = createInventory(database)
          const atOnce = await Promise.allSettled(
            asks.map((ask, index) => ask(inventory, `${one}${ITEMS[index] ?? ''}`)),
          )
          const inTurn: PromiseSettledResult<unknown>[] = []
          for (const [index, ask] of asks.entries()) {
            inTurn.push(
              ...(await Promise.allSettled([ask(inventory, `${other}${ITEMS[index] ?? ''}`)])),
            )
          }
          expect(atOnce.map((outcome) => told(one, outcome))).toEqual(
            inTurn.map((outcome) => told(other, outcome)),
          )
          expect(await historyOf(database, one)).toEqual(await historyOf(database, other))
        },
      ),
      { numRuns: times(6, 300), endOnFailure: true },
    )
  })

  it('share their transactions, and each keeps its own entry of the log', async () => {
    await using database = await createTestDatabase()
    await stock(database, 'x')
    const inventory = createInventory(database)
    const items = ITEMS.slice(0, -1)
    const [before] = await database.query<{ seq: number }>('select seq from log_head')
    await Promise.all(
      items.map((item) => inventory.consume(pharmacist, `x${item}`, { quantity: 1 })),
    )
    const entries = await database.query<{ at: Date }>(
      `select at from event_log where seq > $1 and name = 'inventory:update'`,
      [before?.seq ?? -1],
    )
    expect(entries).toHaveLength(items.length)
    // The first two begin before the others are there.
    expect(new Set(entries.map(({ at }) => at.getTime())).size).toBeLessThanOrEqual(3)
  })

  it('are done one by one where their common COMMIT fails, so that only one of them is refused', async () => {
    await using database = await createTestDatabase()
    await stock(database, 'x')
    await database.script(`
      create function refuse_3() returns trigger language plpgsql as $$
        begin raise exception 'not item 3'; end $$;
      create constraint trigger refuse_3 after insert on stock_movements deferrable initially deferred
        for each row when (new.sku = 'x3') execute function refuse_3()`)
    const inventory = createInventory(database)
    const outcomes = await Promise.allSettled(
      ITEMS.slice(0, 5).map((item) => inventory.consume(pharmacist, `x${item}`, { quantity: 1 })),
    )
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    const left = await database.query(
      `select sku from inventory_items where total_quantity = 19 order by sku`,
    )
    expect(left).toEqual(['x1', 'x2', 'x4', 'x5'].map((sku) => ({ sku })))
  })

  itPostgresOnly('needs several connections')(
    'wait for nobody who holds another item',
    async () => {
      await using database = await createTestDatabase()
      await stock(database, 'x')
      const inventory = createInventory(database)
      const answers: string[] = []
      const consume = async (sku: string): Promise<void> => {
        await inventory.consume(pharmacist, sku, { quantity: 1 })
        answers.push(sku)
      }
      const { held } = await database.transaction(async (open) => {
        await open.query(`update inventory_lots set quantity = 5 where sku = 'x1'`)
        const held = [consume('x1'), consume('x1'), consume('x1')]
        await Promise.all(['x2', 'x3', 'x4', 'x5'].map(consume))
        await Promise.all(['x2', 'x3', 'x4', 'x5'].map(consume))
        expect(answers).not.toContain('x1')
        return { held }
      })
      await Promise.all(held)
      expect((await inventory.get('x1')).totalQuantity).toBe(7)

      // An alert is looked at by the COMMIT, which is everybody's.
      await inventory.dispose(pharmacist, 'x2', { lotNumber: 'L1', quantity: 8, reason: 'wet' })
      const { resolving } = await database.transaction(async (open) => {
        await open.query(`select from alerts where sku = 'x2' for update`)
        const lot = { lotNumber: 'L1', quantity: 8, expiryDate: '2040-01-02' }
        const resolving = inventory.addLot(pharmacist, 'x2', lot)
        await Promise.all(['x3', 'x4', 'x5', 'x6'].map(consume))
        return { resolving }
      })
      expect((await resolving).lowStock).toBe(false)
    },
  )
})
