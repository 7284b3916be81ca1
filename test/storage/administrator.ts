import { createPostgres } from '../../src/storage/postgres.js'
import { setupApp, type TestApp } from '../support/app.js'
import { runAlone, withDatabase } from '../support/databases.js'
import { itPostgresOnly, type TestDatabase } from '../support/world.js'

/** A test of a server: nobody else reaches the embedded store. */
export const onServer = itPostgresOnly('needs a server whose settings an administrator changes')
/** Options of a store for which nothing is told. */
export const quiet = { onError: () => undefined, onHung: () => undefined }

/** The address of its server; throws on the embedded store. */
export const urlOf = ({ url }: TestDatabase): string => {
  if (url === undefined) throw new Error('This test needs PostgreSQL.')
  return url
}

/** Its name there. */
export const nameOf = (database: TestDatabase): string => new URL(urlOf(database)).pathname.slice(1)

/** What an administrator sets for a database; connections that are open keep what they have. */
export const setFor = (database: TestDatabase, name: string, value: string): Promise<void> =>
  runAlone(urlOf(database), `alter database ${nameOf(database)} set ${name} = ${value}`)

/** Ends every connection but those of the test's own world. */
export const cutAll = (database: TestDatabase): Promise<void> =>
  runAlone(
    withDatabase(urlOf(database), 'postgres'),
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameOf(database)}'`,
  )

/** What the node says of itself. */
export const readiness = async (
  app: TestApp,
): Promise<{ status: number; body: Record<string, unknown> }> =>
  app.api(undefined, 'GET', '/health/ready')

/** How each attempt to connect on record ended: the code of its refusal, or null. */
export const attempts = async (database: TestDatabase): Promise<(string | null)[]> => {
  const rows = await database.query<{ code: string | null }>('select code from connection_log')
  return rows.map(({ code }) => code)
}

/** A node of its own on `database`, as a process there would be. */
export const startNode = (
  database: TestDatabase,
  env: Readonly<Record<string, string>> = {},
): Promise<TestApp> =>
  setupApp({ database: createPostgres({ url: urlOf(database), ...quiet }), env })
