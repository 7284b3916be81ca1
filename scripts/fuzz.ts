import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/**
 * `npm run test:fuzz -- --minutes 10 --seed 7 --store postgres`: requests to every operation of the served document, for so
 * long on each store. What fails is printed as the smallest request that still does, with the seed that finds it again.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    store: { type: 'string', multiple: true, default: ['pglite', 'postgres'] },
  },
})
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', ...values.store.flatMap((store) => ['--project', store]), 'test/fuzz'],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      UZIMA_FUZZ_MINUTES: values.minutes,
      ...(values.seed === undefined ? {} : { UZIMA_FUZZ_SEED: values.seed }),
    },
  },
)
process.exitCode = status ?? 1
