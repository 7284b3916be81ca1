import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['source'] }
const ssr = { resolve: { conditions: ['source'] } }

/**
 * Which tests run where is read from the file's name:
 * `*.test.ts` needs nothing; `*.pg.test.ts` runs twice, on PGlite and on PostgreSQL;
 * `*.redis.test.ts` needs PostgreSQL and Redis; `e2e/*.test.ts` drives the built server as a child process.
 */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: ['**/*.pg.test.ts', '**/*.redis.test.ts'],
        },
      },
      ...(['pglite', 'postgres'] as const).map((store) => ({
        resolve,
        ssr,
        test: {
          name: store,
          include: ['test/**/*.pg.test.ts'],
          env: { UZIMA_TEST_STORE: store },
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      })),
      {
        resolve,
        ssr,
        test: {
          name: 'redis',
          include: ['test/**/*.redis.test.ts'],
          env: { UZIMA_TEST_STORE: 'postgres' },
          globalSetup: ['test/support/global-setup.ts'],
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
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
})
