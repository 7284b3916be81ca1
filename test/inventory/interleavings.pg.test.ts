import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInventory, type Inventory } from '../../src/inventory/inventory.js'
import type { Database } from '../../src/storage/database.js'
import { checkStock } from '../../src/inventory/check-stock.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { writeDue } from '../../src/log/due.js'
import { expectedAlerts } from '../alerts/expected.js'
import { allAlerts, replayed, unresolved } from '../alerts/support.js'
import { times } from '../support/long.js'
import { createTestDatabase, testStore, type TestDatabase } from '../support/world.js'
import { action, FIRST_DAY, PRELUDE, rudeAction } from './actions.js'
import { checkHistory } from './check-history.js'
import { headOf, readHistory, type History } from './history.js'
import { act } from './model.js'
import type { Action, Outcome } from './model-types.js'
import { perform, WRITER, type Performed } from './perform.js'
import { setClock } from './test-clock.js'

/** Actions in all, about; npm run test:stock asks for more. */
const steps = Number(process.env['UZIMA_STOCK_STEPS'] ?? times(470, 9_400))
// On average a run has 21 actions of one, or 26 of several writers.
const numRuns = Math.ceil(steps / (21 + 26))
const timeout = Math.max(120_000, steps * 500)
let done = 0

/** One shelf per run: a database for each would cost more than the run itself. */
describe('stock under any interleaving', () => {
  let database: TestDatabase
  let writers: Database[] = []
  let runs = 0

  /** An empty shelf on the first day: nothing of an earlier run can expire in this one. */
  const begin = async (): Promise<{ prefix: string; base: number }> => {
    await database.query('delete from inventory_lots')
    // Which archives them: they are not heard of again.
    await database.query('delete from inventory_items')
    await setClock(database, `${FIRST_DAY} 12:00Z`)
    return { prefix: `run${(runs += 1).toString()}-`, base: await headOf(database) }
  }

  beforeAll(async () => {
    database = await createTestDatabase()
    const { url } = database
    if (url === undefined) {
      writers = [database]
      return
    }
    // Deadlocks are wanted here, waiting for them is not.
    await database.script(
      `do $$ begin execute format('alter database %I set deadlock_timeout = 10', current_database()); end $$`,
    )
    writers = Array.from({ length: 4 }, () =>
      createPostgres({
        url: `${url}?application_name=${encodeURIComponent(WRITER)}`,
        poolSize: 1,
        onError: () => undefined,
      }),
    )
  })

  afterAll(async () => {
    if (testStore === 'postgres') await Promise.all(writers.map((writer) => writer.close()))
    await database[Symbol.asyncDispose]()
    if (steps > 900) console.info(`${done.toString()} steps on ${testStore}`)
  })

  it('does what the model does, one action after the other', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 30, size: 'max' }),
        async (actions) => {
          const { prefix, base } = await begin()
          const inventory = createInventory(database)
          const alerts: string[] = []
          let expected: Outcome = {
            world: { today: FIRST_DAY, stock: new Map() },
            result: 'ok',
            alerts: [],
          }
          for (const one of [...PRELUDE, ...actions]) {
            expected = act(expected.world, one)
            alerts.push(...expected.alerts.map((sku) => prefix + sku))
            const performed = await perform(database, inventory, prefix, one)
            done += 1
            expect(performed.result).toBe(expected.result)
            expect(performed.lotsConsumed).toEqual(expected.lotsConsumed)
          }

          const history = await readHistory(database, base)
          expect(checkHistory(history)).toEqual([])
          expect(alertsIn(history)).toEqual(alerts)
          expect(await checkStock(database)).toEqual([])
          await expectExactAlerts(database, prefix)
          for (const [sku, { threshold, lots }] of expected.world.stock) {
            const item = history.items.find((candidate) => candidate.sku === prefix + sku)
            expect(item).toMatchObject({ threshold, lots: expect.any(Array) })
            expect(
              new Map(
                item?.lots.map(({ lotNumber, quantity, expiryDate, expired }) => [
                  lotNumber,
                  { quantity, expiryDate, expired },
                ]),
              ),
            ).toEqual(lots)
          }
        },
      ),
      { numRuns },
    )
  })

  it(
    'keeps log, movements, alerts and stock of one mind with several writers at once',
    { timeout },
    async () => {
      const lane = fc.array(rudeAction(), { minLength: 1, maxLength: 12, size: 'max' })
      await fc.assert(
        fc.asyncProperty(fc.array(lane, { minLength: 2, maxLength: 4 }), async (lanes) => {
          const { prefix, base } = await begin()
          await performAll(database, createInventory(database), prefix, PRELUDE)
          const performed = await Promise.all(
            lanes.map((actions, index) => {
              const writer = writers[index % writers.length] ?? database
              return performAll(writer, createInventory(writer), prefix, actions)
            }),
          )

          const history = await readHistory(database, base)
          expect(checkHistory(history)).toEqual([])
          expect(await checkStock(database)).toEqual([])
          await expectExactAlerts(database, prefix)
          done += PRELUDE.length + performed.flat().length
          for (const { item, moved } of performed.flat()) {
            const movements = history.movements.filter(({ reason }) => reason === moved?.key)
            if (moved) expect(movements).toHaveLength(moved.times)
            if (item) expect(entryOf(history, item.sku, item.version)).toEqual(item)
          }
        }),
        { numRuns },
      )
    },
  )
})

/** Each alert that the stock says, and no other; and the entries alone tell the same as the table. */
const expectExactAlerts = async (database: Database, prefix: string): Promise<void> => {
  await writeDue(database)
  expect(await unresolved(database)).toEqual(await expectedAlerts(database))
  expect(await replayed(database, prefix)).toEqual(await allAlerts(database, prefix))
}

const performAll = async (
  database: Database,
  inventory: Inventory,
  prefix: string,
  actions: readonly Action[],
): Promise<Performed[]> => {
  const performed: Performed[] = []
  for (const one of actions) performed.push(await perform(database, inventory, prefix, one))
  return performed
}

const alertsIn = ({ entries }: History): string[] =>
  entries.flatMap((entry) => (entry.name === 'inventory:lowStock' ? [entry.payload.sku] : []))

/** The item as the log told it at this version: what a caller was answered, everybody was told. */
const entryOf = ({ entries }: History, sku: string, version: number): unknown =>
  entries
    .flatMap((entry) => (entry.name === 'inventory:update' ? [entry.payload.item] : []))
    .find((item) => item.sku === sku && item.version === version)
