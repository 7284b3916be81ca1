import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkStock } from '../../src/inventory/check-stock.js'
import { sqlState, type Database, type Queryable } from '../../src/storage/database.js'
import { times } from '../support/long.js'
import { createTestDatabase } from '../support/world.js'

/** SQL that does the same to each item that a condition on `sku` names, whatever else it does. */
type Change = (items: string) => string

const ITEMS = ['1', '2', '3', '4']
const dates = fc.constantFrom('2020-01-01', 'tomorrow', '2040-01-01', '2041-05-05')
const small = fc.integer({ min: 1, max: 5 })

/** A number of the lot itself, so that no two lots change alike. */
const own = (salt: number): string =>
  `abs(hashtext(substr(sku, 2) || lot_number || '${salt.toString()}') % 9)`
const lots = (units: number, date: string, items: string): string =>
  `select sku, 'L' || n, n * ${units.toString()}, date '${date}' from inventory_items, generate_series(1, 4) as n where ${items}`

/** From PostgreSQL 15 on. */
const merge: fc.Arbitrary<Change> = fc.tuple(small, dates).map(
  ([units, date]): Change =>
    (items) =>
      `merge into inventory_lots as lot using (${lots(units, date, items)}) as s (sku, lot_number, quantity, expiry_date)
            on lot.sku = s.sku and lot.lot_number = s.lot_number
            when matched and lot.quantity > 8 then delete
            when matched then update set quantity = lot.quantity + 1
            when not matched then insert (sku, lot_number, quantity, expiry_date)
              values (s.sku, s.lot_number, s.quantity, s.expiry_date)`,
)

const oneLot: fc.Arbitrary<Change> = fc
  .tuple(fc.integer({ min: -4, max: 4 }), fc.constantFrom('L1', 'L2'))
  .map(
    ([units, lot]): Change =>
      (items) =>
        `update inventory_lots set quantity = greatest(quantity + ${units.toString()}, 0) where lot_number = '${lot}' and ${items}`,
  )

const change: fc.Arbitrary<Change> = fc.oneof(
  oneLot,
  fc.integer().map(
    (salt): Change =>
      (items) =>
        `update inventory_lots set quantity = ${own(salt)} where ${items}`,
  ),
  small.map(
    (rest): Change =>
      (items) =>
        `delete from inventory_lots where quantity % 5 = ${rest.toString()} and ${items}`,
  ),
  fc.tuple(small, dates).map(
    ([units, date]): Change =>
      (items) =>
        `insert into inventory_lots as lot (sku, lot_number, quantity, expiry_date) ${lots(units, date, items)}
            on conflict (sku, lot_number) do update set quantity = lot.quantity + excluded.quantity`,
  ),
  dates.map(
    (date): Change =>
      (items) =>
        `update inventory_lots set expiry_date = '${date}' where lot_number <> 'L1' and ${items}`,
  ),
  small.map(
    (threshold): Change =>
      (items) =>
        `update inventory_items set threshold = ${(threshold * 4).toString()} where ${items}`,
  ),
)
/** What the writer calls it. To give out what has expired is refused. */
const action = fc.constantFrom('', 'consumed', 'adjusted', 'disposed')
const stepOf = (hasMerge: boolean) =>
  fc.record({
    change: hasMerge ? fc.oneof({ weight: 5, arbitrary: change }, merge) : change,
    isRolledBack: fc.boolean(),
  })

/** What a transaction left behind, told so that two shelves with the same history tell the same. */
const told = async (database: Queryable, shelf: string, after: number): Promise<unknown> => {
  const [row] = await database.query<{ all: unknown }>(
    `select jsonb_build_object(
      'entries', (select jsonb_agg(jsonb_build_object('seq', seq - $2, 'name', name, 'audience', audience,
        'payload', payload - 'seq' - 'timestamp' #- '{alert,seq}', 'tells its number', payload -> 'alert' -> 'seq' = payload -> 'seq') order by seq)
        from event_log where seq > $2),
      'movements', (select jsonb_agg(to_jsonb(m) - '{id,at}'::text[] || jsonb_build_object('seq', seq - $2) order by id)
        from stock_movements m where seq > $2),
      'items', (select jsonb_agg(to_jsonb(i) order by sku) from inventory_items i where starts_with(sku, $1)),
      'lots', (select jsonb_agg(to_jsonb(l) order by sku, lot_number) from inventory_lots l where starts_with(sku, $1)),
      'alerts', (select jsonb_agg(to_jsonb(a) - 'seq' order by id) from alerts a where starts_with(sku, $1)),
      'due', (select jsonb_agg(to_jsonb(d) order by key) from due d where starts_with(key, $1))) as all`,
    [shelf, after],
  )
  const sameShelf = JSON.stringify(row?.all).replaceAll(`"${shelf}`, '"')
  return JSON.parse(sameShelf, (name, value: unknown) => (NOT_COMPARED.has(name) ? null : value))
}

const NOT_COMPARED = new Set(
  'id updatedAt receivedAt raisedAt resolvedAt updated_at created_at received_at raised_at resolved_at'.split(
    ' ',
  ),
)

const headOf = async (database: Queryable): Promise<number> => {
  const [head] = await database.query<{ seq: number }>('select seq from log_head')
  return head?.seq ?? -1
}

describe('one statement over many lots', () => {
  it('leaves what the same changes leave one item at a time', async () => {
    await using database = await createTestDatabase()
    await database.query(
      `insert into inventory_items (sku, name, threshold)
        select shelf || item, 'Item', 8 from unnest(array['x', 'y']) as shelf, unnest($1::text[]) as item`,
      [ITEMS],
    )
    const run = async (
      shelf: string,
      action: string,
      steps: readonly { change: Change; isRolledBack: boolean }[],
      scopes: readonly string[],
    ): Promise<unknown> => {
      const before = await headOf(database)
      const outcome = await inOneTransaction(
        database,
        action,
        steps.map(({ change, isRolledBack }) => ({ statements: scopes.map(change), isRolledBack })),
      ).then(() => 'committed', sqlState)
      return { outcome, left: await told(database, shelf, before) }
    }
    const [server] = await database.query<{ hasMerge: boolean }>(
      `select current_setting('server_version_num')::integer >= 150000 as "hasMerge"`,
    )
    const step = stepOf(server?.hasMerge === true)
    await fc.assert(
      fc.asyncProperty(
        action,
        fc.array(step, { minLength: 1, maxLength: 4 }),
        async (action, steps) => {
          const atOnce = await run('x', action, steps, [`starts_with(sku, 'x')`])
          const oneByOne = await run(
            'y',
            action,
            steps,
            ITEMS.map((item) => `sku = 'y${item}'`),
          )
          expect(atOnce).toEqual(oneByOne)
          expect(await checkStock(database)).toEqual([])
        },
      ),
      // The shelves go on from where the last batch left them: what went wrong is not made smaller.
      { numRuns: times(8, 500), endOnFailure: true },
    )
    const numbers = await database.query<{ seq: number }>('select seq from event_log order by seq')
    expect(numbers.map(({ seq }) => seq)).toEqual(numbers.map((_row, index) => index + 1))
  })
})

describe('one statement on a lot', () => {
  it('leaves the same whether or not its transaction has to look at more', async () => {
    await using database = await createTestDatabase()
    await database.script(
      `insert into inventory_items (sku, name, threshold) select shelf || '1', 'Item', 8 from unnest(array['x', 'y']) as shelf`,
    )
    const run = async (
      shelf: string,
      steps: readonly { action: string; change: Change }[],
      more: string,
    ): Promise<unknown> => {
      const before = await headOf(database)
      const outcomes: unknown[] = []
      for (const { action, change } of steps) {
        const statements = [change(`sku = '${shelf}1'`), more]
        const end = inOneTransaction(database, action, [{ statements, isRolledBack: false }])
        outcomes.push(await end.then(() => 'committed', sqlState))
      }
      return { outcomes, left: await told(database, shelf, before) }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            action,
            change: fc.oneof({ weight: 4, arbitrary: oneLot }, { weight: 1, arbitrary: change }),
          }),
          { minLength: 4, maxLength: 8 },
        ),
        async (steps) => {
          const alone = await run('x', steps, 'select')
          const withMore = await run('y', steps, `select log_touch('alerts', 'y1', '{}')`)
          expect(alone).toEqual(withMore)
        },
      ),
      { numRuns: times(12, 500), endOnFailure: true },
    )
    expect(await checkStock(database)).toEqual([])
  })

  it('reads as little where its session began with an empty store', async () => {
    await using database = await createTestDatabase({ poolSize: 1 })
    const take = `update inventory_lots set quantity = quantity - 1 where sku = 'first'`
    await database.script(`
      insert into inventory_items (sku, name, threshold) values ('first', 'Item', 0);
      insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('first', 'L', 9, '2040-01-01')`)
    await database.query(take)
    // With alerts of everybody, which are looked at, too.
    await database.script(`
      insert into inventory_items (sku, name, threshold) select 's' || n, 'Item', 50 from generate_series(1, 600) as n;
      insert into inventory_lots (sku, lot_number, quantity, expiry_date)
        select sku, 'M', 9, current_date + 5 from inventory_items`)
    const rowsRead = await database.transaction(async (tx) => {
      const before = await rowsReadIn(tx)
      await tx.query(take)
      await tx.query('set constraints all immediate')
      return (await rowsReadIn(tx)) - before
    })
    expect(rowsRead).toBeGreaterThan(0)
    // The statement itself is planned anew, and may read all lots.
    expect(rowsRead).toBeLessThan(700)
  })
})

/** Rows that this session has read, and not told the statistics yet. */
const rowsReadIn = async (tx: Queryable): Promise<number> => {
  const [read] = await tx.query<{ rows: number }>(
    `select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as rows
      from pg_stat_xact_user_tables`,
  )
  return read?.rows ?? 0
}

const inOneTransaction = (
  database: Database,
  action: string,
  steps: readonly { statements: readonly string[]; isRolledBack: boolean }[],
): Promise<void> =>
  database.transaction(async (tx) => {
    await tx.query(`select set_config('uzima.action', $1, true)`, [action])
    for (const { statements, isRolledBack } of steps) {
      await tx.query('savepoint here')
      for (const statement of statements) await tx.query(statement)
      if (isRolledBack) await tx.query('rollback to here')
    }
  })
