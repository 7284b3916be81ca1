import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Database } from '../../src/storage/database.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { runAlone, withDatabase } from '../../test/support/databases.js'
import { startPostgres, type PostgresServer } from '../../test/support/postgres-server.js'
import { startRedis, type RedisServer } from '../../test/support/redis-server.js'
import { startServer, type RunningServer } from '../../test/support/server.js'

/** Three nodes as they are shipped, on one PostgreSQL with fsync on and one Redis, all of them our children. */
export interface Rig {
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  readonly nodes: readonly RunningServer[]
  readonly database: Database
  readonly secret: string
  readonly urlOf: (node: number) => string
  /** How the database calls the node. */
  readonly nodeNameOf: (node: number) => string
  /** A token as another back end makes it; `iat` is now, with its fraction. */
  readonly tokenFor: (userId: string, lifetimeMs?: number) => string
  /** Inserts users of the role; resolves to their ids. */
  readonly addUsers: (count: number, role: string) => Promise<string[]>
  /** A database of its own on the same server, for a service inside this process. */
  readonly createDatabase: (name: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** What differs from the defaults; docs/security-figures.md names it. */
export const RIG_SETTINGS = {
  INVENTORY_UPDATE_ROLES: 'pharmacist',
  // Slow readers shall have megabytes queued when they are revoked, not be cut before.
  MAX_BUFFERED_BYTES: String(64 * 2 ** 20),
  // All clients share one address here.
  AUTH_FAILURES_PER_MINUTE: '1000000',
} as const

const NODES = ['one', 'two', 'three'] as const

/** Starts everything. The built server must be current: `npm run figures:security` builds it. */
export const startRig = async (): Promise<Rig> => {
  const secret = randomBytes(48).toString('base64url')
  const postgres = await startPostgres({ fsync: true })
  const redis = await startRedis()
  const nodes: RunningServer[] = []
  const createDatabase = async (name: string): Promise<string> => {
    await runAlone(postgres.url(), `create database ${name}`)
    return withDatabase(postgres.url(), name)
  }
  const url = await createDatabase('figures')
  const database = createPostgres({ url, poolSize: 16, onError: () => undefined })

  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()))
    await database.close()
    await redis.stop()
    await postgres.stop()
  }
  try {
    for (const name of NODES) {
      const env = { DATABASE_URL: url, REDIS_URL: redis.url, JWT_SECRET: secret, NODE_NAME: name }
      // Standard output is a pipe to us: what the nodes log would be our work, not theirs.
      nodes.push(await startServer({ env: { LOG_LEVEL: 'fatal', ...env, ...RIG_SETTINGS } }))
    }
  } catch (error) {
    await stop()
    throw error
  }

  let usersAdded = 0
  return {
    postgres,
    redis,
    nodes,
    database,
    secret,
    urlOf: (node) => nodes[node % nodes.length]?.url ?? '',
    nodeNameOf: (node) => NODES[node % NODES.length] ?? '',
    tokenFor: (userId, lifetimeMs) => signToken(secret, userId, lifetimeMs),
    addUsers: async (count, role) => {
      usersAdded += count
      const rows = await database.query<{ id: string }>(
        `insert into users (username, email, role)
         select 'user-' || n, 'user-' || n || '@example.org', $3
           from generate_series($1::integer, $2::integer) n returning id`,
        [usersAdded - count + 1, usersAdded, role],
      )
      return rows.map(({ id }) => id)
    },
    createDatabase,
    stop,
  }
}

/** Signs a token of `userId` that ends after `lifetimeMs`, by default in 15 minutes. */
export const signToken = (secret: string, userId: string, lifetimeMs = 900_000): string => {
  const now = Date.now() / 1_000
  return jwt.sign({ id: userId, iat: now, exp: now + lifetimeMs / 1_000 }, secret)
}
