import { describe, expect, it } from 'vitest'
import { verifyChain } from '../../src/audit/verify.js'
import type { Database } from '../../src/storage/database.js'
import { createTestDatabase } from '../support/world.js'
import { aNode, anAttempt, asOwner, openLog, readRows } from './fixtures.js'

const TAMPERED = [
  [
    'an edited row',
    `update connection_log set ip = '198.51.100.1' where node_seq = 4`,
    4,
    'edited',
  ],
  [
    'a time moved by a microsecond',
    `update connection_log set at = at + interval '1 microsecond' where node_seq = 4`,
    4,
    'edited',
  ],
  ['an edited newest row', `update connection_log set code = null where node_seq = 9`, 9, 'edited'],
  ['a removed row', `delete from connection_log where node_seq = 4`, 4, 'missing'],
  ['a removed first row', `delete from connection_log where node_seq = 1`, 1, 'missing'],
  ['rows removed from the end', `delete from connection_log where node_seq > 7`, 8, 'missing'],
  [
    'two swapped rows',
    `update connection_log set node_seq = node_seq + 100 where node_seq in (4, 6);
     update connection_log set node_seq = 6 where node_seq = 104;
     update connection_log set node_seq = 4 where node_seq = 106`,
    4,
    'not linked to the row before',
  ],
  [
    'a row whose hash was computed again',
    `update connection_log set hash = sha256('forged') where node_seq = 4`,
    4,
    'edited',
  ],
  [
    'a forged newest row',
    `insert into connection_log (at, outcome, node, node_run, node_seq, prev_hash, hash)
     select at, outcome, node, node_run, 10, hash, sha256('forged') from connection_log where node_seq = 9`,
    10,
    'edited',
  ],
] as const

describe('verifyChain', () => {
  it('counts the rows of all runs', async () => {
    await using database = await createTestDatabase()
    await write(database, 9)
    await write(database, 5)
    expect(await verifyChain(database, { batchSize: 3 })).toEqual({
      holds: true,
      rows: 14,
      runs: 2,
      withheld: 0,
      linkedOnly: 0,
    })
  })

  it.each(TAMPERED)('finds %s', async (_what, sql, nodeSeq, reason) => {
    await using database = await createTestDatabase()
    await write(database, 5)
    const node = await write(database, 9)
    const before = await readRows(database)
    await asOwner(database, onlyRun(sql, node.id))

    const verdict = await verifyChain(database, { batchSize: 3 })
    expect(verdict).toMatchObject({
      holds: false,
      broken: { nodeRun: node.id, node: 'node-a', nodeSeq, reason },
    })
    const after = await readRows(database)
    const row = (reason === 'missing' ? before : after).find(
      (each) => each.node_run === node.id && each.node_seq === nodeSeq,
    )
    expect(verdict).toHaveProperty('broken.id', reason === 'missing' ? null : row?.id)
  })

  it('starts at a time, with the link to the row before it', async () => {
    await using database = await createTestDatabase()
    const node = await write(database, 9)
    const [, , , , fifth] = await readRows(database)
    const since = fifth?.at ?? new Date()
    expect(await verifyChain(database, { since })).toEqual({
      holds: true,
      rows: 5,
      runs: 1,
      withheld: 0,
      linkedOnly: 0,
    })
    await asOwner(database, onlyRun('delete from connection_log where node_seq = 4', node.id))
    expect(await verifyChain(database, { since })).toMatchObject({ broken: { nodeSeq: 4 } })
  })

  it('sees rows missing at the end also when no row is recent', async () => {
    await using database = await createTestDatabase()
    const node = await write(database, 9)
    const since = new Date(Date.now() + 60_000)
    expect(await verifyChain(database, { since })).toEqual({
      holds: true,
      rows: 0,
      runs: 1,
      withheld: 0,
      linkedOnly: 0,
    })
    await asOwner(database, onlyRun('delete from connection_log where node_seq = 9', node.id))
    expect(await verifyChain(database, { since })).toMatchObject({
      broken: { nodeSeq: 9, reason: 'missing' },
    })
  })
})

/** Rows a second apart, of a run of their own. */
const write = async (database: Database, rows: number) => {
  await using world = openLog(database, { node: aNode() })
  const start = Date.now() - 60_000
  for (let i = 1; i <= rows; i += 1) {
    world.log.record(anAttempt({ at: new Date(start + i * 1_000), userId: i.toString() }))
  }
  await world.log.flush()
  return world.node
}

const onlyRun = (sql: string, nodeRun: string): string =>
  sql.replaceAll('where ', `where node_run = '${nodeRun}' and `)
