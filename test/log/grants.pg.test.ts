import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { writeDue } from '../../src/log/due.js'
import type { Queryable } from '../../src/storage/database.js'
import { setClock } from '../inventory/test-clock.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'
import { stockShelf } from './support.js'

const NOON = '2027-05-01T12:00:00.000Z'
const at = (time: string): string => `2027-05-01T${time}:00.000Z`

interface Ward {
  readonly database: TestDatabase
  readonly ana: string
  /** Gives Ana a role; resolves to the grant's id. */
  readonly grant: (role: string, from: string, until: string) => Promise<string>
  /** What the log says of rights, in short, after what was there when the ward was made. */
  readonly told: () => Promise<Told[]>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

interface Told {
  readonly seq: number
  readonly roles: string
  readonly ended: string | null
  readonly dueAt: string | null
}

/** Two items, a doctor called Ana, and a clock that stands at noon. */
const createWard = async (): Promise<Ward> => {
  const database = await createTestDatabase()
  await setClock(database, NOON)
  await stockShelf(database)
  const [ana] = await database.query<{ id: string }>(
    `insert into users (username, email, role) values ('ana', 'ana@x.org', 'doctor') returning id`,
  )
  const id = ana?.id ?? ''
  const since = await headOf(database)
  return {
    database,
    ana: id,
    grant: async (role, from, until) => {
      const [grant] = await database.query<{ id: string }>(
        `insert into role_grants (user_id, role, valid_from, valid_until, reason)
         values ($1, $2, $3, $4, 'night shift') returning id`,
        [id, role, from, until],
      )
      return grant?.id ?? ''
    },
    told: () => readRights(database, since),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

const headOf = async (database: Queryable): Promise<number> =>
  (await database.query<{ seq: number }>('select seq from log_head'))[0]?.seq ?? -1

const readRights = (database: Queryable, since: number): Promise<Told[]> =>
  database.query<Told>(
    `select seq, (select string_agg(r, ' ') from jsonb_array_elements_text(payload -> 'roles') as r) as roles,
       payload ->> 'ended' as ended, payload ->> 'dueAt' as "dueAt"
     from event_log where seq > $1 and name = 'user:changed' order by seq`,
    [since],
  )

const take = `update inventory_lots set quantity = quantity - 1 where sku = 'a' and lot_number = 'L2'`

describe('a grant', () => {
  it('begins and ends at its moments, before what the commit that comes first has to tell', async () => {
    await using ward = await createWard()
    const { database } = ward
    const id = await ward.grant('pharmacist', at('20:00'), at('23:00'))
    expect(await ward.told()).toEqual([])
    await setClock(database, at('19:59'))
    await database.query(take)
    expect(await ward.told()).toEqual([])

    await setClock(database, at('20:01'))
    await database.query(take)
    await setClock(database, at('23:00'))
    await database.query(`update inventory_items set name = 'Amoxicillin 250'`)
    const [begin, end] = await ward.told()
    expect(begin).toMatchObject({ roles: 'doctor pharmacist', ended: null, dueAt: at('20:00') })
    expect(end).toMatchObject({ roles: 'doctor', ended: 'grant', dueAt: at('23:00') })

    const since = (begin?.seq ?? 0) - 1
    expect(
      await database.query(
        `select name, payload -> 'grants' as grants, iso_time(at) as at from event_log where seq > $1 order by seq`,
        [since],
      ),
    ).toEqual([
      {
        name: 'user:changed',
        grants: [
          {
            id,
            role: 'pharmacist',
            kind: 'grant',
            from: at('20:00'),
            until: at('23:00'),
            by: expect.any(String),
          },
        ],
        at: at('20:01'),
      },
      { name: 'inventory:update', grants: null, at: at('20:01') },
      { name: 'user:changed', grants: [], at: at('23:00') },
      { name: 'inventory:update', grants: null, at: at('23:00') },
      { name: 'inventory:update', grants: null, at: at('23:00') },
    ])
    expect(await database.query(`select user_id, ended, actor from revocations`)).toEqual([
      { user_id: ward.ana, ended: 'grant', actor: 'time' },
    ])
    expect(
      await database.query(
        `select edge, seq, iso_time(due_at) as due from grant_edges order by seq`,
      ),
    ).toEqual([
      { edge: 'begin', seq: begin?.seq, due: at('20:00') },
      { edge: 'end', seq: end?.seq, due: at('23:00') },
    ])
  })

  it('that begins at once is in force with its COMMIT, and again at no other', async () => {
    await using ward = await createWard()
    await ward.grant('pharmacist', at('08:00'), at('23:00'))
    expect(await ward.told()).toMatchObject([{ roles: 'doctor pharmacist', dueAt: null }])
    // What somebody's clock says of the past was not so.
    expect(await ward.database.query('select iso_time(valid_from) as f from role_grants')).toEqual([
      { f: NOON },
    ])
    await ward.database.query(take)
    expect(await writeDue(ward.database)).toBe(0)
    expect(await ward.told()).toHaveLength(1)
  })

  it('that began and ended while nothing ran is two entries, in the order of the moments', async () => {
    await using ward = await createWard()
    await ward.grant('educator', at('14:00'), at('15:00'))
    await ward.grant('pharmacist', at('13:00'), at('16:00'))
    await setClock(ward.database, at('18:00'))
    expect(await writeDue(ward.database)).toBe(1)
    expect(await ward.told()).toMatchObject([
      { roles: 'doctor pharmacist', ended: null, dueAt: at('13:00') },
      { roles: 'doctor educator pharmacist', ended: null, dueAt: at('14:00') },
      { roles: 'doctor pharmacist', ended: 'grant', dueAt: at('15:00') },
      { roles: 'doctor', ended: 'grant', dueAt: at('16:00') },
    ])
    expect(await writeDue(ward.database)).toBe(0)
  })

  it('that is followed by another of the same role takes nothing away in between', async () => {
    await using ward = await createWard()
    await ward.grant('pharmacist', NOON, at('20:00'))
    await ward.grant('pharmacist', at('20:00'), at('22:00'))
    await setClock(ward.database, at('21:00'))
    await writeDue(ward.database)
    expect((await ward.told()).map(({ roles }) => roles)).toEqual([
      'doctor pharmacist',
      'doctor pharmacist',
    ])
  })

  it('adds to what the base role becomes, and overlaps with others as a union', async () => {
    await using ward = await createWard()
    const { database } = ward
    const first = await ward.grant('pharmacist', NOON, at('20:00'))
    await ward.grant('pharmacist', NOON, at('22:00'))
    await database.query(`update users set role = 'educator'`)
    await database.query(`update role_grants set revoked_at = now() where id = $1`, [first])
    await setClock(database, at('22:00'))
    await database.query(take)
    expect(await ward.told()).toMatchObject([
      { roles: 'doctor pharmacist', ended: null },
      { roles: 'doctor pharmacist', ended: null },
      { roles: 'educator pharmacist', ended: 'role' },
      { roles: 'educator pharmacist', ended: 'grant' },
      { roles: 'educator', ended: 'grant' },
    ])
  })

  it('ends with the COMMIT that revokes it or moves its end into the past, before its stock', async () => {
    await using ward = await createWard()
    const { database } = ward
    const [one, two] = [
      await ward.grant('pharmacist', NOON, at('20:00')),
      await ward.grant('educator', NOON, at('20:00')),
    ]
    await setClock(database, at('14:00'))
    await database.transaction(async (tx) => {
      await tx.query(take)
      await tx.query(`select set_config('uzima.actor', 'head nurse', true)`)
      await tx.query(`update role_grants set revoked_at = '2001-01-01' where id = $1`, [one])
    })
    await database.query(`update role_grants set valid_until = '2001-01-01' where id = $1`, [two])
    expect((await ward.told()).slice(2)).toMatchObject([
      { roles: 'doctor educator', ended: 'grant', dueAt: null },
      { roles: 'doctor', ended: 'grant', dueAt: null },
    ])
    expect(
      await database.query(`select name from event_log order by seq desc limit 3`),
    ).toMatchObject([
      { name: 'user:changed' },
      { name: 'inventory:update' },
      { name: 'user:changed' },
    ])
    expect(
      await database.query(
        `select role, iso_time(valid_until) as until, iso_time(revoked_at) as at, revoked_by as by from role_grants order by role`,
      ),
    ).toMatchObject([
      { role: 'educator', until: at('14:00'), at: null, by: null },
      { role: 'pharmacist', until: at('20:00'), at: at('14:00'), by: 'head nurse' },
    ])
    // And its own moment brings nothing more.
    await setClock(database, at('21:00'))
    expect(await writeDue(database)).toBe(0)
    expect(await ward.told()).toHaveLength(4)
  })

  it('may be made longer and shorter, and is nothing where it was revoked before it began', async () => {
    await using ward = await createWard()
    const { database } = ward
    const id = await ward.grant('pharmacist', NOON, at('13:00'))
    await database.query(`update role_grants set valid_until = '${at('15:00')}' where id = $1`, [
      id,
    ])
    const never = await ward.grant('educator', at('14:00'), at('16:00'))
    await database.query(`update role_grants set revoked_at = now() where id = $1`, [never])
    await setClock(database, at('14:30'))
    await database.query(take)
    expect(await ward.told()).toHaveLength(1)
    await database.query(`update role_grants set valid_until = '${at('14:45')}' where id = $1`, [
      id,
    ])
    await setClock(database, at('16:30'))
    await database.query(take)
    expect(await ward.told()).toMatchObject([{}, { roles: 'doctor', dueAt: at('14:45') }])
    await expect(
      database.query(`update role_grants set valid_until = '${at('20:00')}' where id = $1`, [id]),
    ).rejects.toThrow(/stays ended/)
  })

  it('ends with its user, and is not inherited by who gets the same id', async () => {
    await using ward = await createWard()
    const { database, ana } = ward
    await ward.grant('pharmacist', NOON, at('20:00'))
    await ward.grant('educator', at('18:00'), at('20:00'))
    await database.query('delete from users')
    await database.query(
      `insert into users (id, username, email, role) values ($1, 'ana', 'ana@x.org', 'patient')`,
      [ana],
    )
    await setClock(database, at('19:00'))
    await database.query(take)
    expect(await ward.told()).toMatchObject([
      { roles: 'doctor pharmacist' },
      { roles: null, ended: 'deleted, grant' },
      { roles: 'patient' },
    ])
  })

  it('keeps the order of numbers where the clock is set back', async () => {
    await using ward = await createWard()
    const { database } = ward
    await ward.grant('pharmacist', at('13:00'), at('14:00'))
    await setClock(database, at('14:30'))
    await database.query(take)
    await setClock(database, at('13:30'))
    await database.query(take)
    await ward.grant('educator', at('13:40'), at('15:00'))
    expect((await ward.told()).map(({ roles }) => roles)).toEqual([
      'doctor pharmacist',
      'doctor',
      'doctor educator',
    ])
    expect(
      await database.query(
        `select from (select at < lag(at) over (order by seq) as falls from event_log) as a where falls`,
      ),
    ).toEqual([])
    // A restored copy goes on by the clock as it is.
    await database.query('select start_new_epoch()')
    expect(
      await database.query(
        'select iso_time(last_at) as at, iso_time(next_edge_at) as next from log_head',
      ),
    ).toEqual([{ at: at('13:30'), next: at('13:40') }])
  })

  it('is refused where its time, its role, its reason or its user is none', async () => {
    await using ward = await createWard()
    for (const [values, why] of [
      [`values (ana, 'pharmacist', now, now + interval '367 days', 'x')`, /role_grants_times/],
      [`values (ana, 'pharmacist', now, now, 'x')`, /role_grants_times/],
      [`values (ana, 'pharmacist', now, 'infinity', 'x')`, /role_grants_times/],
      [`values (ana, 'pharmacist', 'infinity', 'infinity', 'x')`, /role_grants_times/],
      [`values (ana, 'chief', now, now + interval '1 day', 'x')`, /role_check/],
      [`values (ana, 'pharmacist', now, now + interval '1 day', E' \\u00a0')`, /reason is empty/],
      [`values (ana, 'pharmacist', now, now + interval '1 day', null)`, /not-null/],
      [`values (gen_random_uuid(), 'pharmacist', now, now + interval '1 day', 'x')`, /no user/],
    ] as const) {
      const filled = values.replaceAll('now', 'log_now()').replace('ana', `'${ward.ana}'`)
      const inserted = ward.database.query(
        `insert into role_grants (user_id, role, valid_from, valid_until, reason) ${filled}`,
      )
      await expect(inserted).rejects.toThrow(why)
    }
    expect(await ward.told()).toEqual([])
  })

  it('is history: nobody deletes it, or changes what it was given for', async () => {
    await using ward = await createWard()
    await ward.grant('pharmacist', NOON, at('20:00'))
    for (const [statement, why] of [
      [`delete from role_grants`, /not deleted/],
      [`truncate role_grants`, /TRUNCATE/],
      [`update role_grants set role = 'admin'`, /keeps its user/],
      [`update role_grants set valid_from = valid_from - interval '1 hour'`, /keeps its user/],
      [`update role_grants set reviewed_by = user_id`, /reviewed when it is over/],
      [`update grant_edges set seq = 1`, /history/],
      [`delete from grant_edges`, /history/],
      [`truncate grant_edges`, /TRUNCATE/],
    ] as const) {
      await expect(ward.database.query(statement)).rejects.toThrow(why)
    }
    expect(await ward.told()).toHaveLength(1)
  })

  it('for an emergency begins now and lasts an hour at most', async () => {
    await using ward = await createWard()
    const breakGlass = (until: string): Promise<unknown> =>
      ward.database.query(
        `insert into role_grants (user_id, role, kind, valid_from, valid_until, reason)
         values ($1, 'pharmacist', 'break_glass', '${at('18:00')}', '${until}', 'bleeding')`,
        [ward.ana],
      )
    await expect(breakGlass(at('13:01'))).rejects.toThrow(/role_grants_break_glass/)
    await breakGlass(at('13:00'))
    expect(await ward.told()).toMatchObject([{ roles: 'doctor pharmacist' }])
  })
})

const manyConnections = itPostgresOnly('needs several connections')

describe('what is due of grants', () => {
  manyConnections(
    'waits for no node that stands still, and for nobody who holds a grant',
    async () => {
      await using ward = await createWard()
      const { database } = ward
      const id = await ward.grant('pharmacist', NOON, at('20:00'))
      await setClock(database, at('20:00'))
      await database.transaction(async (still) => {
        await still.query('select pg_advisory_xact_lock(7241993007)')
        await still.query('select from role_grants where id = $1 for update', [id])
        expect(await writeDue(database)).toBe(1)
      })
      expect(await ward.told()).toMatchObject([{}, { ended: 'grant', dueAt: at('20:00') }])
    },
  )

  manyConnections('has ended, whoever was about to make it longer', async () => {
    await using ward = await createWard()
    const { database } = ward
    const id = await ward.grant('pharmacist', NOON, at('20:00'))
    await expect(
      database.transaction(async (late) => {
        await late.query(`update role_grants set valid_until = '${at('22:00')}' where id = $1`, [
          id,
        ])
        await setClock(database, at('20:00'))
        await database.query(take)
      }),
    ).rejects.toThrow(/has ended meanwhile/)
    await database.query(take)
    expect(await ward.told()).toHaveLength(2)
  })

  manyConnections('is not passed over by a transaction whose snapshot is older', async () => {
    await using ward = await createWard()
    const { database } = ward
    const old = new pg.Client({ connectionString: database.url })
    await old.connect()
    try {
      await old.query('begin isolation level repeatable read')
      await old.query('select from users')
      await ward.grant('pharmacist', at('13:00'), at('14:00'))
      await old.query(take)
      await expect(old.query('commit')).rejects.toMatchObject({ code: '40001' })
    } finally {
      await old.end()
    }
  })
})
