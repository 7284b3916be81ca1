import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { isLongRun } from './test/support/long.js'

// Where .ci/run wants the results as JSON.
const report = process.env['UZIMA_TEST_REPORT']

// These see the store through `Database` alone, and the folders that test the store itself hold both stores to one
// behaviour: once, on PostgreSQL, is enough. `live-stock` shows the whole service on both.
const ONCE = [
  'test/audit/evidence/tampering.pg.test.ts',
  'test/client/**',
  'test/http/**',
  'test/observability/**',
  'test/realtime/!(live-stock).pg.test.ts',
  'test/security/**',
]

// What takes minutes, or what others need not have, is run by a command of its own: `npm run test:deploy`, `test:upgrade`, `test:walk`.
const own = process.env['UZIMA_TEST_OWN']

const servers = { globalSetup: ['test/support/global-setup.ts'] }

/** What all projects have in common. */
const common = {
  setupFiles: ['test/support/leaks.ts'],
  // Nothing in src keeps state in a module, so files can share what they import.
  isolate: false,
  // Bounds of failures: a machine may be busy with something else, and whoever waits for a condition pays for none.
  expect: { poll: { timeout: 30_000, interval: 20 } },
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // One try where people work, so that a race is seen; .ci/run tries once more and names what needed it.
  retry: process.env['CI'] ? 1 : 0,
}

const project = <T extends object>(test: T) => ({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { ...common, ...test },
})

/**
 * Which tests run where is read from the file's name:
 * `*.test.ts` needs nothing; `*.pg.test.ts` runs twice, on PGlite and on PostgreSQL, or ONCE;
 * `*.redis.test.ts` needs PostgreSQL and Redis; `e2e/*.test.ts` drives the built server as a child process.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/stores-reporter.ts', ...(report ? ['json'] : [])],
    ...(report ? { outputFile: { json: report } } : {}),
    // Tests wait for sockets more than they compute; a worker with PGlite takes 300 to 700 MB. The long run holds times
    // against their bounds, so nothing may run beside it.
    maxWorkers: isLongRun ? 1 : Math.min(4, availableParallelism() * 2),
    projects: [
      project({
        name: 'unit',
        include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
        exclude: ['**/node_modules/**', '**/*.pg.test.ts', '**/*.redis.test.ts'],
      }),
      ...(['pglite', 'postgres'] as const).map((store) =>
        project({
          ...servers,
          name: store,
          include: ['test/**/*.pg.test.ts'],
          exclude: store === 'pglite' ? ONCE : [],
          env: { UZIMA_TEST_STORE: store },
        }),
      ),
      project({
        ...servers,
        name: 'redis',
        include: ['test/**/*.redis.test.ts'],
        env: { UZIMA_TEST_STORE: 'postgres' },
      }),
      project({
        ...servers,
        name: 'e2e',
        include: ['e2e/**/*.test.ts'],
        env: { UZIMA_TEST_STORE: 'postgres' },
      }),
      ...(own === undefined
        ? []
        : [
            project({
              ...servers,
              name: own,
              include: [`e2e/${own}/**/*.check.ts`],
              env: { UZIMA_TEST_STORE: 'postgres' },
              testTimeout: 900_000,
              hookTimeout: 300_000,
            }),
          ]),
    ],
  },
})
