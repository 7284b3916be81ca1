import { expect, it } from 'vitest'
import { createNodeRegistry } from '../../src/audit/node-registry.js'
import type { Database } from '../../src/storage/database.js'

it('takes the answer to an old heartbeat for no gap, so that the dead are still looked for', async () => {
  const answers = [0, 5_000, 10_000, 4_000, 10_500]
  let looks = 0
  // What a database answers, in an order that a real one gives once in a while only.
  const database: Pick<Database, 'query' | 'transaction'> = {
    query: <Row>() => {
      const at = new Date(answers.shift() ?? NaN)
      return Promise.resolve([{ at, lost_count: 0 }] as Row[])
    },
    transaction: <T>() => {
      looks += 1
      // There is no dead run.
      return Promise.resolve(undefined as T)
    },
  }
  const registry = createNodeRegistry({
    database: database as Database,
    node: { id: 'run', name: 'one' },
    deadAfterMs: 10_000,
  })
  while (answers.length > 0) await registry.heartbeat()

  expect(await registry.closeDeadNodes()).toEqual([])
  expect(looks).toBe(1)
})
