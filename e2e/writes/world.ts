import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Queryable } from '../../src/storage/database.js'
import { startServer, type RunningServer } from '../../test/support/server.js'
import { addUser } from '../rig/users.js'
import { signToken } from '../rig/tokens.js'

/** The real server over a real database, and a captive portal that pretends to be it. */
export interface World {
  readonly database: Pick<Queryable, 'query'>
  readonly port: number
  readonly portalPort: number
  /** A pharmacist of his own. */
  readonly addPerson: () => Promise<Person>
  /** An item with a lot `L1` of so many units. */
  readonly addItem: (units: number) => Promise<string>
  readonly signToken: (person: Person, options?: { readonly expired?: boolean }) => string
  readonly stop: () => Promise<void>
}

export interface Person {
  readonly userId: string
  readonly username: string
}

/** Starts both on the database at `url`, which `database` is a connection to. */
export const startWorld = async (
  database: Pick<Queryable, 'query'>,
  url: string,
): Promise<World> => {
  const secret = randomBytes(48).toString('base64url')
  const server: RunningServer = await startServer({
    env: { DATABASE_URL: url, JWT_SECRET: secret },
  })
  const portal = createServer((request, response) => {
    request.resume()
    const [status, type, body] = PAGES[pageNumber++ % PAGES.length] ?? PAGES[0]
    response.writeHead(status, { 'content-type': type, location: '/login' }).end(body)
  })
  let pageNumber = 0
  portal.listen(0, '127.0.0.1')
  await once(portal, 'listening')
  return {
    database,
    port: Number(new URL(server.url).port),
    // A server that listens on TCP has an address of this shape.
    portalPort: (portal.address() as AddressInfo).port,
    addPerson: async () => {
      const userId = await addUser(database, 'pharmacist')
      const [user] = await database.query<{ username: string }>(
        'select username from users where id = $1',
        [userId],
      )
      return { userId, username: user?.username ?? '' }
    },
    addItem: async (units) => {
      const sku = `W-${randomUUID().slice(0, 13)}`
      await database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
      await database.query(`insert into inventory_lots values ($1, 'L1', $2, '2040-01-01')`, [
        sku,
        units,
      ])
      return sku
    },
    signToken: ({ userId }, { expired = false } = {}) =>
      expired
        ? signToken(secret, userId, { issuedAt: Date.now() - 7_200_000, lifetimeMs: 3_600_000 })
        : signToken(secret, userId),
    stop: async () => {
      portal.closeAllConnections()
      portal.close()
      await server.stop()
    },
  }
}

/** What portals and proxies between a clinic and its server say, in the server's place. */
const PAGES: readonly [Page, ...Page[]] = [
  [200, 'text/html', '<html><body>Welcome to Hotel Wi-Fi. Press <b>Accept</b>.</body></html>'],
  [502, 'text/html', '<html><body>Bad Gateway</body></html>'],
  [200, 'application/json', '{"ok":true}'],
  [302, 'text/html', ''],
  [403, 'text/html', '<html><body>Blocked by policy</body></html>'],
  [504, 'text/plain', 'upstream timed out'],
  [401, 'application/json', '{"error":"login required"}'],
  [404, 'text/html', 'nginx'],
]
type Page = readonly [status: number, type: string, body: string]
