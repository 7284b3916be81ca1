import { SERVER_EVENTS } from '@uzima/contracts'
import { expect, it } from 'vitest'
import { isPublic } from '../../src/log/entry.js'
import { createEventLog } from '../../src/log/event-log.js'
import { createTestDatabase } from '../support/world.js'

const STATEMENTS = [
  `insert into inventory_items (sku, name) values ('BARE', 'with defaults only')`,
  `insert into inventory_items (sku, name, category, unit, threshold, metadata)
   values ('WHOLE', 'with everything', 'c', 'box', 10, '{"a": [1, {"b": null}]}')`,
  `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
   values ('WHOLE', 'last', 20, '9999-12-31'), ('WHOLE', 'first', 1, '0001-01-01')`,
  `update inventory_lots set quantity = 5 where lot_number = 'last'`,
  `update inventory_items set name = 'renamed' where sku = 'WHOLE'`,
  `delete from inventory_lots where lot_number = 'last'`,
  `update inventory_items set archived_at = now() where sku = 'BARE'`,
  `insert into users (username, email, role) values ('amina', 'amina@example.org', 'pharmacist')`,
  `insert into alert_seen (alert_id, user_id) select max(alerts.id), users.id from alerts, users group by users.id`,
  `update alerts set acknowledged_by = (select id from users), note = 'ordered' where state = 'open'`,
  `update alerts set name = name`,
  `update inventory_items set archived_at = now() where sku = 'WHOLE'`,
  `insert into users (username, email, role) values ('boss', 'boss@example.org', 'admin')`,
  `insert into role_grants (user_id, role, valid_until, reason, kind)
   select id, 'doctor', log_now() + interval '1 hour', 'alone', 'break_glass' from users where username = 'amina'`,
  `update role_grants set revoked_at = now()`,
  `update role_grants set review_note = 'in order', reviewed_by = (select id from users where username = 'boss')`,
]

it('writes every entry that clients receive in the shape of the contract, by whatever statement', async () => {
  await using database = await createTestDatabase()
  for (const statement of STATEMENTS) await database.query(statement)

  const entries = (await createEventLog(database).read(0, 1_000)).filter(isPublic)
  expect(new Set(entries.map(({ name }) => name)).size).toBe(6)
  const last = entries.findLast(({ name }) => name === 'alert:changed')?.payload
  expect(last).toMatchObject({ alert: { state: 'resolved', note: 'ordered', seenBy: [{}] } })
  for (const { name, payload } of entries) {
    expect(SERVER_EVENTS[name].safeParse(payload).error).toBeUndefined()
  }
})
