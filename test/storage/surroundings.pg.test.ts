import { describe, expect } from 'vitest'
import type { Queryable } from '../../src/storage/database.js'
import { migrate } from '../../src/storage/migrate.js'
import { openDatabase } from '../../src/storage/open.js'
import { runAlone } from '../support/databases.js'
import { createTestDatabase } from '../support/world.js'
import {
  attempts,
  cutAll,
  onServer,
  quiet,
  readiness,
  setFor,
  startNode,
  urlOf,
} from './administrator.js'

/** Settings that an administrator may make for a database or a role, none of which our own connections may feel. */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['search_path', "'app'"],
  ['search_path', "'app', public"],
  ['search_path', "''"],
  ['datestyle', "'German'"],
  ['datestyle', "'SQL, DMY'"],
  ['datestyle', "'Postgres, YMD'"],
  ['intervalstyle', "'iso_8601'"],
  ['timezone', "'Asia/Kathmandu'"],
  ['bytea_output', "'escape'"],
  ['extra_float_digits', '-15'],
  ['standard_conforming_strings', 'off'],
  ['client_encoding', "'LATIN1'"],
  ['default_transaction_isolation', "'serializable'"],
  ['default_transaction_deferrable', 'on'],
  ['statement_timeout', "'2s'"],
  ['lock_timeout', "'1ms'"],
  ['idle_in_transaction_session_timeout', "'1ms'"],
  ['idle_session_timeout', "'1s'"],
  ['session_replication_role', "'replica'"],
  ['row_security', 'off'],
  ['check_function_bodies', 'off'],
  ['xmloption', "'document'"],
  ['lc_messages', "'C'"],
  ['synchronous_commit', 'off'],
  ['application_name', "'x'"],
  ['jit', 'off'],
  ['plan_cache_mode', "'force_generic_plan'"],
]

/** A day of stock and users by SQL: each kind of trigger, with dates and times in what it keeps. */
const DAY = `
  insert into public.users (id, username, email, role)
    values ('11111111-1111-4111-8111-111111111111', 'ana', 'ana@example.org', 'doctor');
  update public.users set is_active = false;
  insert into public.sessions (id, user_id, auth_version) values
    ('22222222-2222-4222-8222-222222222222', '11111111-1111-4111-8111-111111111111', 1);
  update public.sessions set ended_at = now(), end_reason = 'logout';
  insert into public.inventory_items (sku, name, threshold, metadata) values ('a', 'Amoxicillin', 5, '{"dose": 0.1}');
  insert into public.inventory_lots (sku, lot_number, quantity, expiry_date, received_at) values
    ('a', 'L1', 10, date '2040-02-01', timestamptz '2026-03-04 05:06:07+00'),
    ('a', 'L2', 20, date '2020-11-12', timestamptz '2026-03-04 05:06:07+00');
  update public.inventory_lots set quantity = 2 where lot_number = 'L1';
  update public.inventory_items set archived_at = timestamptz '2026-05-06 07:08:09+00'`

/** All that the triggers have kept, without what differs from one run to the next. */
const kept = async (database: Queryable): Promise<unknown> => {
  const rows = await database.query<{ kept: unknown }>(`
    select jsonb_build_array('log', name, audience, payload) as kept from event_log
    union all select jsonb_build_array('movement', sku, type, delta, lots, reason) from stock_movements
    union all select jsonb_build_array('revocation', user_id, ended) from revocations
    union all select jsonb_build_array('change', record, key, type, before, after) from record_changes`)
  const text = JSON.stringify(rows).replaceAll(
    /"(timestamp|updatedAt|updated_at|created_at|createdAt|tokensNotBefore|tokens_not_before)":"[^"]*"/g,
    '"$1":"…"',
  )
  return JSON.parse(text) as unknown
}

const plain = async (): Promise<unknown> => {
  await using database = await createTestDatabase()
  await database.script(DAY)
  return await kept(database)
}

describe('whatever is set for the database', () => {
  onServer('our own connections work as without it, and the log holds the same', async () => {
    const expected = await plain()
    for (const [name, value] of SETTINGS) {
      await using database = await createTestDatabase()
      await database.script('create schema app')
      await setFor(database, name, value)
      const ours = await openDatabase({ databaseUrl: urlOf(database), dataDir: '' }, quiet)
      try {
        await ours.script(DAY)
        const [row] = await ours.query<{ at: Date; bytes: Uint8Array; float: number }>(
          `select timestamptz '2026-03-04 05:06:07.89+00' as at, '\\x00ff'::bytea as bytes, 0.1::float8 + 0.2 as float`,
        )
        expect({ name, value, row, kept: await kept(ours) }).toEqual({
          name,
          value,
          row: {
            at: new Date('2026-03-04T05:06:07.890Z'),
            bytes: Buffer.from([0, 255]),
            float: 0.1 + 0.2,
          },
          kept: expected,
        })
      } finally {
        await ours.close()
      }
    }
  })

  onServer('no statement of ours is compiled, however little it costs', async () => {
    await using database = await createTestDatabase()
    await setFor(database, 'jit', 'on')
    await setFor(database, 'jit_above_cost', '0')
    const ours = await openDatabase({ databaseUrl: urlOf(database), dataDir: '' }, quiet)
    try {
      const [row] = await ours.query<Record<string, unknown[]>>(
        'explain (analyze, format json) select count(*) from log_head',
      )
      expect(row?.['QUERY PLAN']).toEqual([expect.not.objectContaining({ JIT: expect.anything() })])
    } finally {
      await ours.close()
    }
  })

  onServer('what another program writes by SQL comes out of the log the same', async () => {
    const expected = await plain()
    // Replicas fire no triggers on purpose: what then is missing, uzima stock check finds.
    const others = SETTINGS.filter(([name]) => name !== 'session_replication_role')
    for (const [name, value] of others) {
      if (name.includes('timeout')) continue
      await using database = await createTestDatabase()
      await database.script('create schema app')
      await runAlone(urlOf(database), `set ${name} = ${value}; ${DAY}`)
      expect({ name, value, kept: await kept(database) }).toEqual({ name, value, kept: expected })
    }
  })

  onServer('a node starts, and on an empty database, too', async () => {
    for (const [name, value] of [
      ['search_path', "'app'"],
      ['datestyle', "'German'"],
    ] as const) {
      await using database = await createTestDatabase({ migrated: false })
      await database.script('create schema app; create schema uzima')
      await setFor(database, name, value)
      await using node = await startNode(database)
      expect((await readiness(node)).status).toBe(200)
      const tables = await database.query(
        `select distinct table_schema as schema from information_schema.tables
         where table_name in ('users', 'log_head', 'schema_migrations')`,
      )
      expect(tables).toEqual([{ schema: 'public' }])
    }
  })

  onServer('a running node goes on after its connections were cut', async () => {
    await using database = await createTestDatabase()
    await using node = await startNode(database)
    const doctor = await node.addUser('doctor')
    const client = await node.connect(doctor)
    await database.script('create schema app')
    await setFor(database, 'datestyle', "'German'")
    await setFor(database, 'search_path', "'app'")
    await cutAll(database)
    await expect.poll(async () => (await readiness(node)).status).toBe(200)
    await runAlone(
      urlOf(database),
      `update public.users set is_active = false where id = '${doctor.id}'`,
    )
    await expect.poll(() => client.socket.connected).toBe(false)
  })
})

describe('where a change would not come out of the log', () => {
  onServer('a start admits nobody and says why, until it is mended', async () => {
    await using database = await createTestDatabase()
    await database.script('alter table users disable trigger all')
    await using node = await startNode(database)
    const { status, body } = await readiness(node)
    expect(status).toBe(503)
    expect(body['reason']).toContain('The trigger')
    const user = await node.addUser('doctor')
    // A refusal that passes is a closed connection; the client comes again.
    const client = node.client(user.token)
    await expect.poll(() => attempts(database)).toContain('AUTH_STALE')
    expect((await node.api(user.token, 'GET', '/api/inventory')).status).toBe(503)
    await database.script('alter table users enable trigger all')
    await expect.poll(async () => (await readiness(node)).body).toMatchObject({ ready: true })
    expect((await readiness(node)).body).not.toHaveProperty('reason')
    await expect.poll(() => client.of('connected')).toHaveLength(1)
  })

  onServer('both running nodes notice that a trigger was switched off', async () => {
    await using database = await createTestDatabase()
    await using one = await startNode(database)
    await using two = await startNode(database)
    await database.script('alter table users disable trigger users_updated')
    for (const node of [one, two]) {
      await expect
        .poll(async () => (await readiness(node)).body['reason'])
        .toBe(
          'The trigger users_updated is switched off, so that changes go unseen. Run: alter table users enable trigger users_updated',
        )
    }
    await database.script('alter table users enable trigger users_updated')
    for (const node of [one, two]) {
      await expect.poll(async () => (await readiness(node)).status).toBe(200)
    }
  })

  onServer(
    'a running node notices at its next connection that a function was replaced',
    async () => {
      await using database = await createTestDatabase()
      await using node = await startNode(database)
      const [before] = await database.query<{ definition: string }>(
        `select pg_get_functiondef('users_touched'::regproc) as definition`,
      )
      await database.script(
        `create or replace function users_touched() returns trigger language plpgsql as 'begin return null; end'`,
      )
      await cutAll(database)
      await expect
        .poll(async () => (await readiness(node)).body['reason'])
        .toContain('does not come out of the log (user:changed)')
      await database.script(before?.definition ?? '')
      await expect.poll(async () => (await readiness(node)).status).toBe(200)
    },
  )

  onServer('a start refuses tables that are in another schema', async () => {
    await using database = await createTestDatabase()
    await database.script('alter schema public rename to app; create schema public')
    await expect(migrate(database)).rejects.toThrow(
      'The tables are in the schema "app" of the database, and they work in public only.',
    )
    expect(await database.query(`select to_regclass('public.users') as made`)).toEqual([
      { made: null },
    ])
  })
})
