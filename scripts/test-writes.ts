import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/**
 * `npm run test:writes -- --schedules 5000 --seed 1`: the client's queue of movements over so many random schedules of lost
 * answers, killed tabs, changes of person and of rights, against the built server. The schedules are those of the seeds from
 * `seed` on; a fault names its own.
 */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
  },
})
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'e2e', 'e2e/writes.test.ts'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    UZIMA_WRITE_SCHEDULES: values.schedules,
    UZIMA_WRITE_SEED: values.seed,
  },
})
process.exitCode = status ?? 1
