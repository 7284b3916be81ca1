import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['source'] }
const ssr = { resolve: { conditions: ['source'] } }
const setupFiles = ['test/support/leaks.ts']
// Where .ci/run wants the results as JSON.
const report = process.env['UZIMA_TEST_REPORT']
const globalSetup = ['test/support/global-setup.ts']
// A stock client takes 0.5 to 1.5 s to come back, and machines are busy.
const expect = { poll: { timeout: 5_000, interval: 20 } }

// What a connection may do to a node says nothing about the store behind it: once is enough.
const SERVER_ONLY = ['test/realtime/hostile.pg.test.ts', 'test/security/**']

/**
 * Which tests run where is read from the file's name:
 * `*.test.ts` needs nothing; `*.pg.test.ts` runs twice, on PGlite and on PostgreSQL;
 * `*.redis.test.ts` needs PostgreSQL and Redis; `e2e/*.test.ts` drives the built server as a child process.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/stores-reporter.ts', ...(report ? ['json'] : [])],
    ...(report ? { outputFile: { json: report } } : {}),
    // Tests wait for sockets more than they compute; a worker with PGlite takes 300 to 700 MB.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.pg.test.ts', '**/*.redis.test.ts'],
          setupFiles,
          expect,
        },
      },
      ...(['pglite', 'postgres'] as const).map((store) => ({
        resolve,
        ssr,
        test: {
          name: store,
          include: ['test/**/*.pg.test.ts'],
          exclude: store === 'pglite' ? SERVER_ONLY : [],
          env: { UZIMA_TEST_STORE: store },
          globalSetup,
          setupFiles,
          expect,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      })),
      // What follows measures time or shares channels, so its files run one after the other.
      {
        resolve,
        ssr,
        test: {
          name: 'redis',
          include: ['test/**/*.redis.test.ts'],
          env: { UZIMA_TEST_STORE: 'postgres' },
          globalSetup,
          setupFiles,
          expect,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          env: { UZIMA_TEST_STORE: 'postgres' },
          globalSetup,
          setupFiles,
          expect,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
})
