import type { Database } from '../../../src/storage/database.js'
import { createPostgres } from '../../../src/storage/postgres.js'
import { addUsers } from '../../../e2e/rig/users.js'
import { DIALECTS } from '../load/dialect.js'
import type { World } from '../world.js'
import { startPinned } from './process.js'
import type { Running } from './subject.js'

/** Our own server, with a door to its database. */
export interface RunningUzima extends Running {
  readonly url: string
  readonly databaseUrl: string
  readonly database: Database
}

const USERS = 500
const ITEMS = 500

/** The built server as a child. */
export interface RunningNode extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  readonly port: number
}

/**
 * Starts a node as in production, on a database, or on the embedded store where `settings` say nothing else. Beside addresses
 * and keys two settings differ from the defaults, because all clients share one address and few users: the limits by address
 * and by user.
 */
export const startNode = async (
  world: World,
  settings: Readonly<Record<string, string>>,
): Promise<RunningNode> => {
  const server = await startPinned(
    [...world.cores.serverPrefix, process.execPath, 'dist/main.js'],
    (folder) => ({
      NODE_ENV: 'production',
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: folder,
      JWT_SECRET: world.secret,
      ADMIN_PASSWORD: world.secret.slice(0, 20),
      AUTH_FAILURES_PER_MINUTE: '1000000',
      MAX_CONNECTIONS_PER_USER: '1000000',
      ...settings,
    }),
  )
  const [, url = ''] = await server.says(/Uzima Realtime is at ([^\s"]+)/)
  return {
    url,
    pid: server.pid,
    port: Number(new URL(url).port),
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  }
}

/** Starts a node on a PostgreSQL of the world, with items and users. */
export const startUzima = async (
  world: World,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningUzima> => {
  const databaseUrl = await world.createDatabase()
  const node = await startNode(world, { DATABASE_URL: databaseUrl, ...settings })
  const database = createPostgres({ url: databaseUrl, poolSize: 4, onError: () => undefined })
  await database.query(
    `insert into inventory_items (sku, name) select 'item-' || n, 'Item' from generate_series(1, $1::integer) n`,
    [ITEMS],
  )
  return {
    name: 'uzima',
    url: node.url,
    databaseUrl,
    database,
    pid: node.pid,
    port: node.port,
    dialect: DIALECTS.socketIoConnected,
    userIds: await addUsers(database, USERS, 'doctor'),
    emit: async (count) => {
      await database.query(
        `update inventory_items set name = 'Item ' || clock_timestamp() where substr(sku, 6)::integer <= $1`,
        [count],
      )
    },
    [Symbol.asyncDispose]: async () => {
      await database.close()
      await node[Symbol.asyncDispose]()
    },
  }
}
