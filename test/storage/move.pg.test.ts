import { describe, expect, it } from 'vitest'
import type { Queryable } from '../../src/storage/database.js'
import { moveData } from '../../src/storage/move.js'
import { listTables } from '../../src/storage/tables.js'
import { createTestDatabase } from '../support/world.js'

/** Values that a copy through text could change. */
const fill = async (database: Queryable): Promise<void> => {
  await database.script(`
    insert into users (username, email, role, created_at)
      values ('Zoë "\\ ''', 'z@example.org', 'doctor', '2024-02-29 23:59:59.123456+03');
    insert into sessions (user_id, auth_version, created_at)
      select id, auth_version, '1999-12-31 00:00:00.000001+00' from users;
    insert into inventory_items (sku, name, threshold) values ('☂', 'back\\slash, ''quote'' (and) {more}', 5), ('B', 'b', 0);
    insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('☂', '{"a":null}', 3, '2031-01-31');
    update inventory_lots set quantity = 2;
    update users set role = 'pharmacist'`)
}

const contentOf = async (database: Queryable): Promise<Record<string, unknown>> => {
  const content: Record<string, unknown> = {}
  for (const { name } of await listTables(database)) {
    content[name] = await database.query(`select t::text as row from ${name} t order by 1`)
  }
  return content
}

describe('moveData', () => {
  it('takes over every row as it is, the name and the number of the log, and goes on counting there', async () => {
    await using source = await createTestDatabase()
    await using target = await createTestDatabase()
    await fill(source)
    const before = await contentOf(source)
    const counters = 'select max(id) as id from stock_movements'
    const [movement] = await source.query<{ id: number }>(counters)

    const { rows, seq } = await moveData(source, target)
    expect(await contentOf(target)).toEqual(before)
    expect(rows).toBe(Object.values(before).reduce<number>((sum, of) => sum + (of as []).length, 0))
    expect(await target.query('select seq from log_head')).toEqual([{ seq }])

    // A server that is started on the source by mistake is another past.
    const after = await contentOf(source)
    expect(after['public.log_head']).not.toEqual(before['public.log_head'])
    expect({ ...after, 'public.log_head': [] }).toEqual({ ...before, 'public.log_head': [] })

    await target.query('update inventory_lots set quantity = quantity + 1')
    const [next] = await target.query<{ id: number }>(counters)
    expect(next?.id).toBeGreaterThan(movement?.id ?? Infinity)
    const [head] = await target.query<{ seq: number }>('select seq from log_head')
    expect(head?.seq).toBeGreaterThan(seq)
  })

  it('changes nothing where the target has data, or does not take what it is given', async () => {
    await using source = await createTestDatabase()
    await using target = await createTestDatabase()
    await fill(source)
    await target.query(`insert into users (username, email, role) values ('a', 'a@b', 'doctor')`)
    const used = await contentOf(target)
    await expect(moveData(source, target)).rejects.toThrow(/has data already \(public\./)
    expect(await contentOf(target)).toEqual(used)

    await using strict = await createTestDatabase()
    await strict.script(`alter table inventory_lots add constraint few check (quantity < 2)`)
    const empty = await contentOf(strict)
    const there = await contentOf(source)
    await expect(moveData(source, strict)).rejects.toThrow(/few/)
    expect(await contentOf(strict)).toEqual(empty)
    expect(await contentOf(source)).toEqual(there)
    // Its triggers are on again.
    await strict.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
    const [head] = await strict.query<{ seq: number }>('select seq from log_head')
    expect(head?.seq).toBe(1)
  })
})
