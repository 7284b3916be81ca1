import { randomBytes } from 'node:crypto'
import type { Role } from '@uzima/contracts'
import { startStores, type Stores } from '../../e2e/rig/stores.js'
import { signToken } from '../../e2e/rig/tokens.js'
import { addUsers } from '../../e2e/rig/users.js'
import type { Database } from '../../src/storage/database.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { freePort } from '../../test/support/server-process.js'
import { startServer, type RunningServer } from '../../test/support/server.js'

/** Three nodes as they are shipped, on one PostgreSQL with fsync on and one Redis, all of them our children. */
export interface Rig extends Stores {
  readonly nodes: readonly RunningServer[]
  readonly database: Database
  readonly secret: string
  readonly urlOf: (node: number) => string
  /** How the database calls the node. */
  readonly nodeNameOf: (node: number) => string
  /** A token as another back end makes it, by default for 15 minutes. */
  readonly tokenFor: (userId: string, lifetimeMs?: number) => string
  /** Inserts users of the role; resolves to their ids. */
  readonly addUsers: (count: number, role: Role) => Promise<string[]>
  /** Starts a node that is gone again, on the port that it had. */
  readonly restart: (node: number) => Promise<RunningServer>
}

export interface RigOptions {
  /** Settings of all nodes beside where their stores are. */
  readonly settings: Readonly<Record<string, string>>
  readonly postgresSettings?: Readonly<Record<string, string>>
  /** How the nodes reach the database, where something lies between; given the address of the database itself. */
  readonly reachDatabase?: (url: string) => Promise<string>
}

const NODES = ['one', 'two', 'three'] as const

/** Starts everything. The built server must be current: the commands that measure build it. */
export const startRig = async ({
  settings,
  postgresSettings = {},
  reachDatabase,
}: RigOptions): Promise<Rig> => {
  const secret = randomBytes(48).toString('base64url')
  const stores = await startStores(postgresSettings)
  const { postgres, redis, createDatabase } = stores
  const nodes: RunningServer[] = []
  const url = await createDatabase('figures')
  const database = createPostgres({ url, poolSize: 16, onError: () => undefined })

  const databaseUrl = (await reachDatabase?.(url)) ?? url
  const ports = await Promise.all(NODES.map(freePort))
  const restart = async (node: number): Promise<RunningServer> => {
    const started = await startServer({
      env: {
        // Standard output is a pipe to us: what the nodes log would be our work, not theirs.
        LOG_LEVEL: 'fatal',
        DATABASE_URL: databaseUrl,
        REDIS_URL: redis.url,
        JWT_SECRET: secret,
        NODE_NAME: NODES[node] ?? '',
        PORT: String(ports[node]),
        ...settings,
      },
    })
    nodes[node] = started
    return started
  }

  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()))
    await database.close()
    await stores.stop()
  }
  try {
    for (const node of NODES.keys()) await restart(node)
  } catch (error) {
    await stop()
    throw error
  }

  return {
    postgres,
    redis,
    nodes,
    database,
    secret,
    urlOf: (node) => nodes[node % nodes.length]?.url ?? '',
    nodeNameOf: (node) => NODES[node % NODES.length] ?? '',
    tokenFor: (userId, lifetimeMs = 900_000) => signToken(secret, userId, { lifetimeMs }),
    addUsers: (count, role) => addUsers(database, count, role),
    createDatabase,
    restart,
    stop,
  }
}
