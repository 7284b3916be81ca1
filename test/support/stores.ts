import 'vitest'
import type { ProvidedContext } from 'vitest'

declare module 'vitest' {
  /** What global-setup.ts hands to the tests of a project; undefined where the project has no such server. */
  interface ProvidedContext {
    /** A database whose user may create others: the one to connect to for `create database`. */
    postgresUrl: string | undefined
    /** The name of the migrated database that `createTestDatabase` copies. */
    postgresTemplate: string | undefined
    /** The file with a migrated PGlite, as `dumpDataDir` writes it. */
    pgliteImage: string | undefined
    redisUrl: string | undefined
  }
}

/** The servers and images of one project's tests. */
export type TestStores = Partial<ProvidedContext>

/** The store that the tests of this process run on. */
export const testStore: 'pglite' | 'postgres' =
  process.env['UZIMA_TEST_STORE'] === 'postgres' ? 'postgres' : 'pglite'
