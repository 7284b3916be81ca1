import { randomUUID } from 'node:crypto'
import { genesis, rowHash, type ChainedRow, type NodeRun } from '../../src/audit/chain.js'
import { createInventory } from '../../src/inventory/inventory.js'
import { createUsers } from '../../src/users/users.js'
import { anAttempt, aNode, openLog } from '../audit/fixtures.js'
import { createTestDatabase, type TestDatabase } from '../support/world.js'

/** Somebody whose every text carries a mark that is nobody else's. */
export interface Person {
  readonly id: string
  readonly mark: string
  /** What the person is called now. */
  username: string
}

export const createPeople = async () => {
  const database = await createTestDatabase()
  const inventory = createInventory(database)
  const users = createUsers({ database, passwords: { hash: async () => 'a hash' } })
  const log = openLog(database, { node: aNode() })
  const oldNode = aNode('old-node')
  const boss = { actor: 'boss', userId: 'boss-id' }
  await inventory.create(boss, { sku: 'amox', name: 'Amoxicillin', threshold: 10 })
  const addLot = (units: number, reason?: string, command = boss) =>
    inventory.addLot(command, 'amox', {
      lotNumber: 'L1',
      expiryDate: '2031-01-31',
      quantity: units,
      ...(reason === undefined ? {} : { reason }),
    })
  await addLot(1_000)

  const asActor = (actor: string, reason: string, sql: string, params: readonly string[] = []) =>
    database.transaction(async (tx) => {
      await tx.query(
        `select set_config('uzima.actor', $1, true), set_config('uzima.reason', $2, true)`,
        [actor, reason],
      )
      await tx.query(sql, params)
    })

  const add = async (): Promise<Person> => {
    const mark = `m${randomUUID().slice(0, 8)}m`
    const user = await users.create('boss', {
      username: `Ana.${mark}`,
      email: `${mark}@x.example`,
      role: 'pharmacist',
    })
    return { id: user.id, mark, username: user.username }
  }

  /** What a person may do that leaves something behind; `other` is somebody else. */
  const doings = {
    'moves stock over REST': ({ id, mark, username }: Person) =>
      inventory
        .consume({ actor: username, userId: id, idempotencyKey: randomUUID() }, 'amox', {
          quantity: 1,
          reason: `for ${mark}`,
        })
        .then(() => undefined),
    'moves stock with SQL': ({ mark, username }: Person) =>
      asActor(username, `sql ${mark}`, `update inventory_lots set quantity = quantity + 1`),
    'edits an item': ({ mark, username }: Person) =>
      asActor(username, mark, 'update inventory_items set threshold = threshold % 40 + 1'),
    'is called something else': async (person: Person) => {
      person.username = `b${randomUUID().slice(0, 4)}.${person.mark}`
      await asActor('boss', '', 'update users set username = $1 where id = $2', [
        person.username,
        person.id,
      ])
    },
    'has another address': async ({ id, mark }: Person) => {
      await users.update('boss', id, { email: `${randomUUID()}@${mark}.example` })
    },
    'changes the role of another': async ({ username }: Person, other: Person) => {
      await users.update(username, other.id, { role: 'doctor' })
      await users.update(username, other.id, { role: 'pharmacist' })
    },
    'grants another a role, and takes it back': async (
      { mark, username }: Person,
      other: Person,
    ) => {
      const grant = `insert into role_grants (user_id, role, valid_until, reason, kind) values ($1, 'doctor', now() + interval '30 minutes', $2, $3)`
      await asActor(username, '', grant, [other.id, `because ${mark}`, 'grant'])
      await asActor(username, '', grant, [other.id, `because ${mark}`, 'break_glass'])
      await asActor(
        'boss',
        '',
        `update role_grants set revoked_at = now() where user_id = $1 and kind = 'grant'`,
        [other.id],
      )
    },
    'is granted a role': async ({ id, mark }: Person, other: Person) => {
      const values = [id, mark]
      await asActor(
        'boss',
        '',
        `insert into role_grants (user_id, role, valid_until, reason, kind) values ($1, 'doctor', now() + interval '30 minutes', $2, 'break_glass')`,
        values,
      )
      await asActor(
        other.username,
        '',
        `update role_grants set revoked_at = now() where user_id = $1 and revoked_at is null`,
        [id],
      )
      // Only an administrator without an open review of his own may close it.
      const setRole = `update users set role = $2 where id = $1`
      await asActor('boss', '', setRole, [other.id, 'admin'])
      await asActor(
        other.username,
        '',
        `update role_grants set reviewed_by = $2, review_note = $3
         where user_id = $1 and reviewed_by is null and kind = 'break_glass' and $1 <> $2
           and not exists (select from break_glass where user_id = $2::text and is_open)`,
        [id, other.id, `of ${mark}`],
      )
      await asActor('boss', '', setRole, [other.id, 'pharmacist'])
    },
    'sees an alert and acts on it': async ({ id, mark }: Person, other: Person) => {
      const [item] = await database.query<{ total: number }>(
        `select total_quantity as total from inventory_items where sku = 'amox'`,
      )
      await inventory.consume(boss, 'amox', { quantity: item?.total ?? 1 })
      for (const seer of [other.id, id]) {
        await database.query(
          'insert into alert_seen (alert_id, user_id) select id, $1 from alerts where resolved_at is null on conflict do nothing',
          [seer],
        )
      }
      await database.query(
        `update alerts set acknowledged_by = $1, note = $2 where resolved_at is null and state = 'open'`,
        [id, `told ${mark}`],
      )
      await addLot(1_000)
    },
    'leaves an alert open': async ({ id, mark }: Person) => {
      await asActor('boss', '', 'update inventory_items set threshold = 2000000')
      await database.query(
        `update alerts set acknowledged_by = $1, note = $2 where resolved_at is null and state = 'open'`,
        [id, mark],
      )
    },
    'logs in': async ({ id, mark }: Person) => {
      await database.query(
        `with session as (insert into sessions (user_id, auth_version) select id, auth_version from users where id = $1 returning id)
         insert into refresh_tokens (token_hash, session_id, expires_at) select sha256('x' || id::text::bytea), id, now() + interval '1 day' from session`,
        [id],
      )
      await database.query('insert into login_places values ($1, $2) on conflict do nothing', [
        id,
        mark,
      ])
    },
    connects: async ({ id, mark }: Person) => {
      log.log.record(
        anAttempt({
          outcome: 'accepted',
          code: null,
          userId: id,
          ip: mark,
          userAgent: `"Tablet" \\ é\u2028\u007f ${mark}`,
          origin: null,
          socketId: randomUUID(),
        }),
      )
      await log.log.flush()
    },
    'connects to a node of the version before': ({ id, mark }: Person) =>
      appendPlain(database, oldNode, { userId: id, userAgent: mark }),
    'connects to a node that dies': async ({ id, mark }: Person) => {
      // Of the version before, whose rows end the chain of a node of this one.
      await appendPlain(database, log.node, { userId: id, userAgent: mark })
    },
  } as const satisfies Record<string, (person: Person, other: Person) => Promise<void>>

  return {
    database,
    users,
    add,
    doings,
    [Symbol.asyncDispose]: async () => {
      await log[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Appends a row of the first kind to the chain of a run, as the version before does it. */
export const appendPlain = async (
  database: TestDatabase,
  run: NodeRun,
  changes: Pick<ChainedRow, 'userId' | 'userAgent'>,
): Promise<void> => {
  await database.query(
    `insert into nodes (id, name, last_hash) values ($1, $2, decode($3, 'hex')) on conflict do nothing`,
    [run.id, run.name, genesis(run.id).hash],
  )
  await database.transaction(async (tx) => {
    const [head] = await tx.query<{ seq: number; hash: string; name: string }>(
      `select last_seq as seq, encode(last_hash, 'hex') as hash, name from nodes where id = $1 for update`,
      [run.id],
    )
    if (head === undefined) throw new Error('The run has no row.')
    const row = {
      ...anAttempt({ outcome: 'closed', code: 'NODE_LOST', ...changes }),
      at: '2026-01-31T00:00:00.123456Z',
      count: 1,
      node: head.name,
      nodeSeq: head.seq + 1,
      prevHash: head.hash,
    }
    const hash = rowHash(run.id, row) ?? ''
    await tx.query(
      `insert into connection_log (at, outcome, code, user_id, ip, user_agent, origin, transport, node, socket_id, count,
         node_run, node_seq, prev_hash, hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, decode($13, 'hex'), decode($14, 'hex'))`,
      [
        ...[row.at, row.outcome, row.code, row.userId, row.ip, row.userAgent, row.origin],
        ...[row.transport, row.node, row.socketId, run.id, row.nodeSeq, row.prevHash, hash],
      ],
    )
    await tx.query(`update nodes set last_seq = $2, last_hash = decode($3, 'hex') where id = $1`, [
      run.id,
      row.nodeSeq,
      hash,
    ])
  })
}

/** Every row of every table, as `table: text`. */
export const dumpOf = async (database: TestDatabase): Promise<string[]> => {
  const tables = await database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  )
  const lines: string[] = []
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(`select t::text as row from ${name} t`)
    lines.push(...rows.map(({ row }) => `${name}: ${row}`))
  }
  return lines
}
