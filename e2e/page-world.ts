import { randomBytes } from 'node:crypto'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { createTestDatabase, type TestDatabase } from '../test/support/world.js'
import { openPage, signIn, type OpenOptions, type OpenPage } from './page.js'

/** Somebody with an account. */
export interface Person {
  readonly id: string
  readonly username: string
  readonly password: string
}

/** What the tests of a file look at the page with: a browser, a server and a database of their own. */
export interface PageWorld extends AsyncDisposable {
  readonly database: TestDatabase
  readonly server: RunningServer
  /** Starts one more server on the same database, which takes the tokens of the first; it ends with the world. */
  readonly addServer: (env: Readonly<Record<string, string>>) => Promise<RunningServer>
  /** Calls the REST API as the first administrator. */
  readonly api: (method: string, path: string, body?: unknown) => Promise<unknown>
  /** Makes an account that nobody else uses. */
  readonly addPerson: (role: string) => Promise<Person>
  /** Opens the page in a window of its own, at `server` or else the first. */
  readonly open: (options?: OpenOptions, server?: RunningServer) => Promise<OpenPage>
  /** Opens the page and signs in: as the first administrator by default. */
  readonly openAs: (
    person?: Omit<Person, 'id'>,
    options?: OpenOptions,
    server?: RunningServer,
  ) => Promise<OpenPage>
}

export interface PageWorldOptions {
  /** Settings of all its servers. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether its pages may install their service worker; see `OpenOptions`. */
  readonly withWorker?: boolean
}

/** Starts the world of a file. */
export const createPageWorld = async ({
  env = {},
  withWorker = true,
}: PageWorldOptions = {}): Promise<PageWorld> => {
  const launching = launchBrowser()
  const database = await createTestDatabase()
  const shared = {
    DATABASE_URL: database.url ?? '',
    JWT_SECRET: randomBytes(48).toString('base64url'),
    ...env,
  }
  const [browser, server] = await Promise.all([launching, startServer({ env: shared })])
  const servers = [server]
  const admin = { username: 'admin', password: server.adminPassword }
  const token = server.login()

  const open: PageWorld['open'] = (options, at = server) =>
    openPage(browser, at, { withWorker, ...options })

  return {
    database,
    server,
    addServer: async (own) => {
      const another = await startServer({ env: { ...shared, ...own } })
      servers.push(another)
      return another
    },
    api: async (method, path, body) => server.api(await token, method, path, body),
    addPerson: async (role) => {
      const username = `${role}-${randomBytes(4).toString('hex')}`
      const password = randomBytes(12).toString('base64url')
      const body = { username, email: `${username}@clinic.example`, role, password }
      const made = await server.api(await token, 'POST', '/api/users', body)
      return { id: (made as { id: string }).id, username, password }
    },
    open,
    openAs: async (person = admin, options, at) => {
      const opened = await open(options, at)
      await signIn(opened.page, person.username, person.password)
      return opened
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      for (const each of servers) await each.stop()
      await database[Symbol.asyncDispose]()
    },
  }
}
