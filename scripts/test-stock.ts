import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/**
 * `npm run test:stock -- --steps 100000 --store postgres`: the property test of stock with as many actions, on one store or
 * on both. Random writers go through the service and plain SQL, repeat requests, roll back, are cut off, and sleep for days.
 */
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '100000' },
    store: { type: 'string', multiple: true, default: ['pglite', 'postgres'] },
  },
})
const { status } = spawnSync(
  'npx',
  [
    'vitest',
    'run',
    ...values.store.flatMap((store) => ['--project', store]),
    'test/inventory/interleavings.pg.test.ts',
  ],
  { stdio: 'inherit', env: { ...process.env, UZIMA_STOCK_STEPS: values.steps } },
)
process.exitCode = status ?? 1
