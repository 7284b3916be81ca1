import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { migrate, MigrationError } from '../../src/storage/migrate.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'

const manyConnections = itPostgresOnly('needs several connections')

/** Emptied rather than made anew: the embedded store takes seconds to begin from nothing. */
const createEmptyDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase()
  await database.script('drop schema public cascade; create schema public')
  return database
}

interface MigrationFolder {
  readonly url: URL
  readonly write: (name: string, sql: string) => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const makeFolder = async (files: Readonly<Record<string, string>>): Promise<MigrationFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'uzima-migrations-'))
  const write = (name: string, sql: string): Promise<void> => writeFile(join(path, name), sql)
  for (const [name, sql] of Object.entries(files)) await write(name, sql)
  return {
    url: pathToFileURL(`${path}/`),
    write,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

const ONE = { '0001-one.sql': 'create table one (n integer)' }
const TWO = { ...ONE, '0002-two.sql': 'create table two (n integer)' }

describe('migrate', () => {
  it('applies what is missing, in order, and nothing the second time', async () => {
    await using database = await createEmptyDatabase()
    await using folder = await makeFolder(ONE)
    expect(await migrate(database, folder.url)).toEqual([1])
    await folder.write('0002-two.sql', TWO['0002-two.sql'])
    await folder.write('README.md', 'not a migration')
    expect(await migrate(database, folder.url)).toEqual([2])
    expect(await migrate(database, folder.url)).toEqual([])
  })

  it('finds nothing to do where the migrations of this program are applied', async () => {
    await using database = await createTestDatabase()
    expect(await migrate(database)).toEqual([])
  })

  it('refuses a schema that is newer than the program', async () => {
    await using database = await createEmptyDatabase()
    await using newer = await makeFolder(TWO)
    await using older = await makeFolder(ONE)
    await migrate(database, newer.url)
    await expect(migrate(database, older.url)).rejects.toThrow(
      new MigrationError(
        'The database has schema version 2, this program knows 1. Start the newer program.',
      ),
    )
  })

  it('refuses a migration that was edited after it was applied', async () => {
    await using database = await createEmptyDatabase()
    await using folder = await makeFolder(ONE)
    await migrate(database, folder.url)
    await folder.write('0001-one.sql', 'create table one (n bigint)')
    await expect(migrate(database, folder.url)).rejects.toThrow(
      /Migration 0001-one.sql was edited after it was applied/,
    )
  })

  it('refuses two files of one version before it touches the database', async () => {
    await using database = await createEmptyDatabase()
    await using folder = await makeFolder({
      ...ONE,
      '0001-uno.sql': 'create table uno (n integer)',
    })
    await expect(migrate(database, folder.url)).rejects.toThrow(
      /0001-one.sql and 0001-uno.sql have one version/,
    )
    expect(await database.query(`select to_regclass('one') as found`)).toEqual([{ found: null }])
  })

  it('leaves nothing of a migration that fails half way, keeps those before it, and rejects', async () => {
    await using database = await createEmptyDatabase()
    await using folder = await makeFolder({
      ...ONE,
      '0002-half.sql': 'create table half (n integer); select 1 / 0',
    })
    await expect(migrate(database, folder.url)).rejects.toThrow(/division by zero/)
    expect(
      await database.query(`select to_regclass('one') is not null as one,
        to_regclass('half') is not null as half, max(version) as version from schema_migrations`),
    ).toEqual([{ one: true, half: false, version: 1 }])
    await folder.write('0002-half.sql', 'create table half (n integer)')
    expect(await migrate(database, folder.url)).toEqual([2])
  })

  manyConnections('leaves one result where 20 processes start at once', async () => {
    await using server = await createEmptyDatabase()
    const databases = Array.from({ length: 20 }, () =>
      createPostgres({ url: server.url ?? '', poolSize: 1, onError: () => undefined }),
    )
    try {
      const applied = await Promise.all(databases.map((database) => migrate(database)))
      const versions = await server.query<{ version: number }>(
        'select version from schema_migrations order by version',
      )
      expect(versions.length).toBeGreaterThanOrEqual(5)
      expect(applied.flat().sort((a, b) => a - b)).toEqual(versions.map(({ version }) => version))
    } finally {
      await Promise.all(databases.map((database) => database.close()))
    }
  })

  manyConnections('outlives the statement timeout, in its work and in its wait', async () => {
    await using server = await createEmptyDatabase()
    await using folder = await makeFolder({
      '0001-slow.sql': 'select pg_sleep(0.6); create table slow (n integer)',
    })
    const databases = [1, 2].map(() =>
      createPostgres({
        url: server.url ?? '',
        poolSize: 1,
        statementTimeoutMs: 200,
        onError: () => undefined,
      }),
    )
    try {
      const applied = await Promise.all(databases.map((database) => migrate(database, folder.url)))
      expect(applied.flat()).toEqual([1])
    } finally {
      await Promise.all(databases.map((database) => database.close()))
    }
  })
})
