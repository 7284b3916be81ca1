import fc from 'fast-check'
import pg from 'pg'
import { describe, expect } from 'vitest'
import { writeDue } from '../../src/log/due.js'
import { sqlState, type Queryable } from '../../src/storage/database.js'
import { times } from '../support/long.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'
import { stockShelf } from './support.js'

const manyConnections = itPostgresOnly('needs several connections')

/** Milliseconds, from the moment of the statement; the past as well. */
const ms = (min: number, max: number) => fc.integer({ min, max })
const user = fc.integer({ min: 0, max: 3 })
const role = fc.constantFrom('admin', 'pharmacist', 'educator')
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('give'),
      user,
      role,
      from: ms(-20, 60),
      long: ms(1, 90),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('move'), target: fc.nat(), until: ms(-20, 90) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke'), target: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('base'), user, role }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('stock'), late: ms(0, 15) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const sqlOf = (one: Step): string => {
  const target = (n: number): string =>
    `(select id from role_grants order by id offset ${n.toString()} % greatest((select count(*) from role_grants), 1) limit 1)`
  const later = (after: number): string =>
    `clock_timestamp() + ${after.toString()} * interval '1 ms'`
  switch (one.kind) {
    case 'give':
      return `insert into role_grants (user_id, role, valid_from, valid_until, reason)
        select id, '${one.role}', ${later(one.from)}, ${later(one.from + one.long)}, 'x' from users where username = 'u${one.user.toString()}'`
    case 'move':
      return `update role_grants set valid_until = ${later(one.until)} where id = ${target(one.target)}`
    case 'revoke':
      return `update role_grants set revoked_at = now() where id = ${target(one.target)}`
    case 'base':
      return `update users set role = '${one.role}' where username = 'u${one.user.toString()}'`
    default:
      // A transaction that stays open while edges come due.
      return `with slept as materialized (select pg_sleep(${(one.late / 1_000).toString()}))
        update inventory_lots set quantity = quantity + 1 from slept where sku = 'a' and lot_number = 'L1'`
  }
}

/** Does the steps one after the other, without trying anything again; only what a rule refuses may fail. */
const perform = async (url: string, steps: readonly Step[]): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const one of steps) {
      await client.query(sqlOf(one)).catch((error: unknown) => {
        if (sqlState(error) !== '23514') throw error
      })
    }
  } finally {
    await client.end()
  }
}

/** What must not be there, each by its name. */
const wrongs = async (database: Queryable): Promise<unknown> => {
  const count = async (sql: string): Promise<number> =>
    (await database.query<{ n: number }>(`select count(*)::integer as n from (${sql}) as found`))[0]
      ?.n ?? -1
  return {
    'a hole in the numbers': await count(
      `select from event_log having count(*) <> max(seq) union all
       select from event_log, log_head where event_log.seq > log_head.seq`,
    ),
    'a time that falls': await count(
      `select from (select at < lag(at) over (order by seq) as falls from event_log) as a where falls`,
    ),
    'an entry from after a moment, numbered before its edge': await count(
      `select from event_log e join event_log edge on edge.payload ? 'dueAt' and edge.name = 'user:changed'
       join grant_edges g on g.seq = edge.seq
       -- What else was due goes by the moments, not by when it was written.
       where e.seq < g.seq and e.at >= g.due_at and not (e.name = 'user:changed' and e.payload ? 'dueAt')`,
    ),
    'an end without a beginning': await count(
      `select from grant_edges e where edge <> 'begin' and not exists (
         select from grant_edges b where b.grant_id = e.grant_id and b.edge = 'begin' and b.seq < e.seq)`,
    ),
    'a beginning without one end': await count(
      `select from grant_edges b where edge = 'begin' and 1 <> (
         select count(*) from grant_edges e where e.grant_id = b.grant_id and e.edge <> 'begin')`,
    ),
    'an edge without its entry': await count(
      `select from grant_edges g join role_grants r on r.id = g.grant_id
       left join event_log e on e.seq = g.seq and e.audience = 'user:' || r.user_id
         and (g.edge = 'begin' or e.payload ->> 'ended' ~ 'grant') where e.seq is null`,
    ),
    'roles that are not the union': await count(
      `select from event_log e
       where name = 'user:changed' and payload -> 'roles' <> (
         select jsonb_agg(distinct role order by role) from (
           select payload ->> 'role' as role union all
           select r.role from role_grants r
             join grant_edges b on b.grant_id = r.id and b.edge = 'begin' and b.seq <= e.seq
             left join grant_edges s on s.grant_id = r.id and s.edge <> 'begin' and s.seq <= e.seq
             where r.user_id::text = e.payload ->> 'userId' and s.seq is null) as a)`,
    ),
    'a user who is looked up with other roles than were told last': await count(
      `select from user_roles u where to_jsonb(roles) <> (
         select payload -> 'roles' from event_log where audience = 'user:' || u.user_id order by seq desc limit 1)`,
    ),
    'a grant that was in force outside of its time': await count(
      `select from role_grants r join grant_edges b on b.grant_id = r.id and b.edge = 'begin'
         join grant_edges s on s.grant_id = r.id and s.edge <> 'begin'
       -- Revoked by who has not committed before its end came, it has ended all the same.
       where b.at < r.valid_from or s.at < least(r.valid_until, r.revoked_at)`,
    ),
  }
}

const untilAllHasEnded = (database: TestDatabase): Promise<void> =>
  expect
    .poll(async () => {
      await writeDue(database)
      return database.query('select next_edge_at from log_head')
    })
    .toEqual([{ next_edge_at: null }])

describe('grants and their writers', () => {
  manyConnections('number each edge once, in its place, and never stop each other', async () => {
    await using database = await createTestDatabase()
    const url = database.url ?? ''
    await stockShelf(database)
    await database.script(
      `insert into users (username, email, role) select 'u' || n, 'u' || n || '@x.org', 'doctor' from generate_series(0, 3) as n`,
    )
    const writers = fc.array(fc.array(step, { minLength: 20, maxLength: 30 }), {
      minLength: 6,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(writers, async (all) => {
        let isOver = false
        const tick = async (): Promise<void> => {
          while (!isOver) {
            await writeDue(database)
            await database.query('select pg_sleep(0.02)')
          }
        }
        const ticking = tick()
        try {
          await Promise.all(all.map((steps) => perform(url, steps)))
        } finally {
          isOver = true
          await ticking
        }
        await untilAllHasEnded(database)
        expect(
          Object.entries((await wrongs(database)) as object).filter(([, n]) => n !== 0),
        ).toEqual([])
      }),
      { numRuns: times(3, 20), endOnFailure: true },
    )
    const [edges] = await database.query<{ begun: number; by_time: number; revoked: number }>(
      `select count(*) filter (where edge = 'begin')::integer as begun,
         count(*) filter (where edge = 'end' and due_at < at)::integer as by_time,
         count(*) filter (where edge = 'revoked')::integer as revoked from grant_edges`,
    )
    // It has seen each of them.
    expect(edges?.begun).toBeGreaterThan(0)
    expect(edges?.by_time).toBeGreaterThan(0)
    expect(edges?.revoked).toBeGreaterThan(0)
  })
})
