import fc from 'fast-check'
import { expect, it } from 'vitest'
import { constraintOf } from '../../src/storage/database.js'
import { setClock } from '../inventory/test-clock.js'
import { times } from '../support/long.js'
import { createTestDatabase } from '../support/world.js'

const NAMES = ['ana', 'boss', 'chief', 'locum'] as const
type Name = (typeof NAMES)[number]
const at = (minute: number): string =>
  new Date(Date.UTC(2027, 4, 1, 12) + minute * 60_000).toISOString()

const steps = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('take' as const), who: fc.constantFrom(...NAMES) }),
    fc.record({
      does: fc.constant('review' as const),
      who: fc.constantFrom(...NAMES),
      which: fc.nat(5),
    }),
    fc.record({ does: fc.constant('wait' as const), minutes: fc.constantFrom(1, 30) }),
  ),
  { minLength: 4, maxLength: 16 },
)

const take = `insert into role_grants (user_id, role, valid_until, reason, kind)
  values ($1, 'pharmacist', log_now() + interval '30 minutes', 'alone', 'break_glass') returning id`

it('a review is closed by an administrator who is another and has none open himself, whatever is written in whatever order', async () => {
  await using database = await createTestDatabase()
  let minute = 0
  const names = new Map<string, Name>()
  await database.query(`select set_config('uzima.actor', 'test', false)`)
  await setClock(database, at(0))
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const ids = new Map<Name, string>()
      for (const name of NAMES) {
        const [row] = await database.query<{ id: string }>(
          `insert into users (username, email, role) values ($1 || '-' || gen_random_uuid(), gen_random_uuid() || '@x.org', $2) returning id`,
          [name, name === 'ana' || name === 'locum' ? 'doctor' : 'admin'],
        )
        ids.set(name, row?.id ?? '')
        names.set(row?.id ?? '', name)
      }
      // One of the doctors is an administrator for a time, given by another.
      await database.query(
        `insert into role_grants (user_id, role, valid_until, reason) values ($1, 'admin', log_now() + interval '3 days', 'x')`,
        [ids.get('locum') ?? ''],
      )
      const model: { id: string; who: Name; until: number; isOpen: boolean }[] = []
      for (const step of history) {
        if (step.does === 'wait') {
          minute += step.minutes
          await setClock(database, at(minute))
          await database.query('select write_due(100)')
        } else if (step.does === 'take') {
          const [row] = await database.query<{ id: string }>(take, [ids.get(step.who) ?? ''])
          model.push({ id: row?.id ?? '', who: step.who, until: minute + 30, isOpen: true })
        } else {
          const one = model[step.which]
          if (one === undefined) continue
          const hasOpen = model.some(({ who, isOpen }) => who === step.who && isOpen)
          const may = step.who !== 'ana' && step.who !== one.who && !hasOpen
          const was = one.isOpen
          const isOver = minute >= one.until
          let refusal: string | undefined
          try {
            await database.query(
              `update role_grants set reviewed_by = $2, review_note = 'seen' where id = $1 and reviewed_by is null`,
              [one.id, ids.get(step.who) ?? ''],
            )
            one.isOpen = false
          } catch (error) {
            refusal = constraintOf(error)
          }
          if (!was) expect(refusal).toBeUndefined()
          else if (!isOver) expect(refusal).toBe('review_when_over')
          else expect(refusal).toBe(may ? undefined : 'review_by_another')
        }
      }
      // Each is told once when it is taken and once when it is reviewed, behind what it did to the rights.
      const told = await database.query<{ name: string; id: string; seq: number }>(
        `select name, payload -> 'grant' ->> 'id' as id, seq from event_log
         where audience = 'access' and payload -> 'grant' ->> 'id' = any ($1) order by seq`,
        [model.map(({ id }) => id)],
      )
      const of = (name: string): string[] =>
        told
          .filter((one) => one.name === name)
          .map(({ id }) => id)
          .sort()
      expect(of('break_glass:opened')).toEqual(model.map(({ id }) => id).sort())
      expect(of('break_glass:reviewed')).toEqual(
        model
          .filter(({ isOpen }) => !isOpen)
          .map(({ id }) => id)
          .sort(),
      )
      const [numbers] = await database.query<{ whole: boolean; behind: boolean }>(
        `select (select seq - trimmed_seq from log_head) = (select count(*) from event_log) as whole,
           coalesce(bool_and(e.seq = b.began_seq + 1), true) as behind
         from event_log e join break_glass b on b.id = (e.payload -> 'grant' ->> 'id')::uuid
         where e.name = 'break_glass:opened'`,
      )
      expect(numbers).toEqual({ whole: true, behind: true })
    }),
    { numRuns: times(5, 60) },
  )
})

it('nobody takes the rights of an administrator in an emergency, or more than an hour of any', async () => {
  await using database = await createTestDatabase()
  const [user] = await database.query<{ id: string }>(
    `insert into users (username, email, role) values ('ana', 'a@x.org', 'doctor') returning id`,
  )
  const insert = (role: string, minutes: number): Promise<unknown> =>
    database.query(
      `insert into role_grants (user_id, role, valid_until, reason, kind)
       values ($1, $2, log_now() + $3 * interval '1 minute', 'x', 'break_glass')`,
      [user?.id ?? '', role, minutes],
    )
  await expect(insert('admin', 10)).rejects.toMatchObject({
    constraint: 'role_grants_emergency_role',
  })
  await expect(insert('pharmacist', 61)).rejects.toMatchObject({
    constraint: 'role_grants_break_glass',
  })
  await insert('pharmacist', 60)
})
