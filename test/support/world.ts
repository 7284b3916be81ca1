import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { inject, it, type TestFunction } from 'vitest'
import type { Database } from '../../src/storage/database.js'
import { migrate } from '../../src/storage/migrate.js'
import { createPglite } from '../../src/storage/pglite.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { runAlone, withDatabase } from './databases.js'
import { testStore } from './stores.js'

export { testStore }

/** A database of one test, gone after `await using`. */
export interface TestDatabase extends Database {
  /** Where a second connection or another process finds it; undefined on PGlite, which has neither. */
  readonly url: string | undefined
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** How `createTestDatabase` sets up its database. */
export interface TestDatabaseOptions {
  /** Whether all migrations have been applied; default true. */
  readonly migrated?: boolean
  /** Connections of the pool, PostgreSQL only; default 10. */
  readonly poolSize?: number
}

/** Makes a fresh database on the store of this run: PGlite in memory, or a new one on the server. */
export const createTestDatabase = async (
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> => {
  return testStore === 'pglite' ? await inMemory(options) : await onServer(options)
}

/** Runs the test on PostgreSQL only; on PGlite it is reported as skipped for `reason`. */
export const itPostgresOnly = (
  reason: string,
): ((name: string, test: TestFunction, timeoutMs?: number) => void) => {
  return (name, test, timeoutMs) => {
    if (testStore === 'postgres') it(name, test, timeoutMs)
    else {
      it(name, (context) => {
        context.skip(reason)
      })
    }
  }
}

/** The URL of the Redis server of this run; a test that must not share channels uses `startRedis`. */
export const testRedisUrl = (): string => {
  return provided('redisUrl')
}

const inMemory = async ({ migrated = true }: TestDatabaseOptions): Promise<TestDatabase> => {
  const file = migrated ? inject('pgliteImage') : undefined
  const database = await createPglite({
    ...(file === undefined ? {} : { image: new Blob([await readFile(file)]) }),
    onHung: report,
  })
  // A project without global setup has no image to start from.
  if (migrated && file === undefined) await migrate(database)
  return { ...database, url: undefined, [Symbol.asyncDispose]: database.close }
}

const onServer = async (options: TestDatabaseOptions): Promise<TestDatabase> => {
  const { migrated = true, poolSize } = options
  const serverUrl = provided('postgresUrl')
  const name = `uzima_test_${randomUUID().replaceAll('-', '')}`
  const template = migrated ? provided('postgresTemplate') : 'template0'
  await runAlone(serverUrl, `create database ${name} template ${template}`)
  const url = withDatabase(serverUrl, name)
  let isClosing = false
  const database = createPostgres({
    url,
    ...(poolSize === undefined ? {} : { poolSize }),
    onError: (error) => {
      // Dropping the database ends connections that are still saying goodbye.
      if (!isClosing) report(error)
    },
  })
  return {
    ...database,
    url,
    [Symbol.asyncDispose]: async () => {
      isClosing = true
      await database.close()
      await runAlone(serverUrl, `drop database if exists ${name} with (force)`)
    },
  }
}

const provided = (key: 'postgresUrl' | 'postgresTemplate' | 'redisUrl'): string => {
  const value = inject(key)
  if (value === undefined) {
    throw new Error(`This project has no ${key}; name the file *.pg.test.ts or *.redis.test.ts.`)
  }
  return value
}

const report = (error: Error): void => {
  console.error(error.message)
}
