import { expect } from 'vitest'
import { closeDeadRuns } from '../../../src/audit/dead-runs.js'
import { keepRules, type FeedRules } from '../../../src/audit/deliveries.js'
import { createNodeRegistry } from '../../../src/audit/node-registry.js'
import { accessEnded } from '../../../src/audit/evidence/answers/access-ended.js'
import { couldSee } from '../../../src/audit/evidence/answers/could-see.js'
import { factOf, type Answer } from '../../../src/audit/evidence/answers/facts.js'
import { verifyExport } from '../../../src/audit/evidence/verify-export.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../../support/world.js'
import { accepted, aNode, asOwner, openLog } from '../fixtures.js'
import { aSigner, checkpoint, exportLines, fileOf, makeHistory, noteOf } from './world.js'

const startNode = async (database: TestDatabase, roles: FeedRules['inventoryUpdateRoles']) => {
  const node = aNode()
  const registry = createNodeRegistry({ database, node, deadAfterMs: 1_000 })
  await registry.register()
  await keepRules(database, node, {
    inventoryUpdateRoles: roles,
    lowStockRoles: '*',
    alertEscalateTo: [],
  })
  return { node, registry }
}

const inPieces = async function* (file: Buffer) {
  yield file
}

const ask = async (database: TestDatabase, ...answers: readonly Answer[]) => {
  const signer = aSigner()
  const checkpoints = [noteOf(await checkpoint(database, signer))]
  const file = fileOf(await exportLines(database))
  const verdict = await verifyExport(inPieces(file), {
    checkpoints,
    keys: [signer],
    onRow(row, texts, n) {
      const fact = factOf(row, texts, n)
      if (fact !== undefined) for (const answer of answers) answer.onFact(fact)
    },
    onConnection(row) {
      for (const answer of answers) answer.onConnection?.(row)
    },
  })
  expect(verdict.problems).toEqual([])
  return answers.map((answer) => answer.rows())
}

const now = async (database: TestDatabase): Promise<Date> => {
  const [row] = await database.query<{ at: Date }>('select clock_timestamp() as at')
  return row?.at ?? new Date(0)
}

const it = itPostgresOnly('the answers are made of the export, not of the store')

it('could-see goes by the rights in the log and by what each node at work gave to whom', async () => {
  await using database = await createTestDatabase()
  await makeHistory(database)
  const [night] = await database.query<{ id: string }>(
    `insert into users (username, email, role) values ('night', 'night@clinic.example', 'educator') returning id::text`,
  )
  const all = await startNode(database, ['admin', 'pharmacist'])
  const few = await startNode(database, ['admin'])
  const before = await now(database)
  await database.query(
    `insert into role_grants (user_id, role, kind, valid_until, reason, granted_by)
     values ($1, 'pharmacist', 'grant', log_now() + interval '1 day', 'the night shift', 'asha')`,
    [night?.id ?? null],
  )
  const granted = await now(database)
  await all.registry.end()
  const ended = await now(database)
  const [none, seeing, nobody, unknown] = await ask(
    database,
    couldSee('ITEM-1', before),
    couldSee('ITEM-1', granted),
    couldSee('ITEM-1', ended),
    couldSee('ITEM-99', granted),
  )
  expect(none).toEqual([])
  expect(seeing).toMatchObject([
    { user: 'night', roles: 'pharmacist', nodes: all.node.name, until: expect.any(String) },
  ])
  // The other node gives it to admins only.
  expect(few.node.id).not.toBe(all.node.id)
  expect(nobody).toEqual([])
  expect(unknown).toEqual([])
})

it('access-ended calls nobody silent who was dead by then, and says of one that ended later that it did', async () => {
  await using database = await createTestDatabase()
  const [dead, later, own] = [
    await startNode(database, '*'),
    await startNode(database, '*'),
    await startNode(database, '*'),
  ]
  {
    await using opened = openLog(database, { node: dead.node })
    opened.log.record(accepted('s-1'))
    await opened.log.flush()
  }
  await asOwner(
    database,
    `update nodes set heartbeat_at = clock_timestamp() - interval '1 hour', started_at = clock_timestamp() - interval '2 hours'
     where id = '${dead.node.id}'`,
  )
  await makeHistory(database)
  const closed = await closeDeadRuns(database, own.node.id, 60_000)
  expect(closed).toMatchObject([{ id: dead.node.id, socketsClosed: 1 }])
  await later.registry.end()
  const [rows = []] = await ask(database, accessEnded('juma'))
  expect(rows).toMatchObject([
    { user: 'juma', node: later.node.name, ackedAt: null, nodeEndedAt: expect.any(String) },
  ])
})
