import { expect, it } from 'vitest'
import { verifyChain, type ChainVerdict } from '../../src/audit/verify.js'
import { createErasures } from '../../src/users/erasures.js'
import type { Database } from '../../src/storage/database.js'
import { createPeople } from './people.js'

/** One chain of both kinds of rows: 1 and 2 are of Ben, 3 (of this version) and 4 (of the one before) of Ana, who is erased. */
const openWorld = async () => {
  const people = await createPeople()
  const [ben, ana] = [await people.add(), await people.add()]
  for (const person of [ben, ana]) {
    await people.doings.connects(person)
    await people.doings['connects to a node that dies'](person)
  }
  await people.users.update('boss', ana.id, { isActive: false })
  await createErasures(people.database).erase('boss', ana.id)
  return people
}

/** What is said of the chain after its owner has done this; nothing of it stays. */
const verdictAfter = async (database: Database, sql: string): Promise<ChainVerdict> => {
  const undone = new Error('undone')
  let verdict: ChainVerdict | undefined
  const work = database.transaction(async (tx) => {
    await tx.script(`alter table connection_log disable trigger user; alter table erasures disable trigger user;
      ${sql}; set constraints all immediate`)
    verdict = await verifyChain(tx)
    throw undone
  })
  await expect(work).rejects.toBe(undone)
  if (verdict === undefined) throw new Error('There is no verdict.')
  return verdict
}

it('the rows of an erased person hide no change of the chain', async () => {
  await using people = await openWorld()
  const { database } = people
  const whole = { holds: true, rows: 4, runs: 1, withheld: 2, linkedOnly: 1 }
  expect(await verifyChain(database)).toEqual(whole)
  const changes = [
    [3, `update connection_log set outcome = 'closed' where node_seq = 3`],
    [3, `update connection_log set texts_hash = sha256('') where node_seq = 3`],
    [3, `delete from erasures`],
    [4, `update connection_log set ip = '203.0.113.7' where node_seq = 4`],
    [4, `update connection_log set hash = sha256('') where node_seq = 4`],
    // Of somebody who was never erased.
    [
      2,
      `update connection_log set ip = null, user_agent = null, origin = null, texts_hash = '' where node_seq = 2`,
    ],
  ] as const
  for (const [nodeSeq, sql] of changes) {
    const verdict = await verdictAfter(database, sql)
    expect({ sql, verdict }).toMatchObject({
      sql,
      verdict: { broken: { nodeSeq, reason: 'edited' } },
    })
  }
  // A row that is passed off as one of the version before, of which only the links are proven, is counted so.
  expect(
    await verdictAfter(
      database,
      `update connection_log set texts_hash = '', outcome = 'closed' where node_seq = 3`,
    ),
  ).toEqual({ ...whole, linkedOnly: 2 })
})

it('history lets texts go from inside of erase_person() alone, and nothing but texts', async () => {
  await using people = await openWorld()
  const { database } = people
  await people.doings['sees an alert and acts on it'](await people.add(), await people.add())
  const writes = [
    `update connection_log set ip = null, user_agent = null, origin = null, salt = null,
       texts_hash = connection_log_texts_hash(salt, ip, user_agent, origin) where node_seq = 1`,
    `update stock_movements set actor = 'x', reason = null`,
    `update event_log set payload = '{}'`,
    `update record_changes set before = '{}'`,
    `update erasures set rows = null`,
    `delete from erasures`,
  ]
  for (const sql of writes) await expect(database.query(sql)).rejects.toThrow(/history|append-only/)
  // It ends with its transaction.
  await expect(
    database.query(`insert into erasures (user_id, actor) values (gen_random_uuid(), 'x')`),
  ).rejects.toThrow(/erase_person/)
  // Nor while somebody else is being erased, nor what is no text.
  const whileErasing = (sql: string) =>
    database.transaction(async (tx) => {
      await tx.query(`insert into erasures (user_id, actor) values (gen_random_uuid(), 'x')`)
      await tx.query(sql)
    })
  for (const sql of [
    writes[0] ?? '',
    `update stock_movements set delta = 0`,
    `update event_log set at = now()`,
    `update record_changes set key = 'x'`,
    `update revocations set ended = 'x'`,
    `update alert_seen set at = now()`,
    `delete from stock_movements`,
  ]) {
    await expect(whileErasing(sql), sql).rejects.toThrow(/history|append-only|evidence/)
  }
})
