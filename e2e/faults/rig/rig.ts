import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../../../test/support/server-process.js'
import { FEED_ROLES } from '../feeds.js'
import type { Recorder } from '../history.js'
import { startPostgresPair, type PostgresPair } from '../../rig/postgres-pair.js'
import { createProxy, type Proxy } from '../../rig/proxy.js'
import type { Random } from '../../rig/random.js'
import { startStores, type Stores } from '../../rig/stores.js'
import { createNodeProcess, type NodeProcess } from './node-process.js'

/** A node with the three edges that can be cut. */
export interface RigNode extends NodeProcess {
  /** Where clients reach it, through the proxy. */
  readonly url: string
  readonly clients: Proxy
  readonly postgres: Proxy
  readonly redis: Proxy
}

/** The cluster under test: nodes, PostgreSQL with fsync, Redis, and a proxy on every edge between them. */
export interface Rig extends Pick<Stores, 'postgres' | 'redis'> {
  readonly nodes: readonly RigNode[]
  readonly secret: string
  /** Past the edges of the nodes, to whichever server is the primary. */
  readonly databaseUrl: string
  /** PostgreSQL with its standby, where the run has one. */
  readonly pair: PostgresPair | undefined
  /** Sends those who connect to PostgreSQL from now on to another port: the nodes alone, or everybody. */
  readonly repoint: (port: number, who: 'nodes' | 'everybody') => void
  /** A connection of our own past the proxies, opened for one piece of work. */
  readonly sql: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

export interface RigOptions {
  /** The folder that holds `dist/main.js`, and the migrations that go with it. */
  readonly root: string
  /** Where log files go. */
  readonly folder: string
  readonly recorder: Recorder
  readonly random: Random
  readonly nodeCount: number
  /** Whether the nodes know Redis. */
  readonly cluster: boolean
  /** Whether PostgreSQL has a standby. Default: none. */
  readonly standby?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Starts everything but the nodes, which are started by the caller, because it may want to count that. */
export const createRig = async (options: RigOptions): Promise<Rig> => {
  const { root, folder, recorder, random } = options
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer().catch(() => undefined)
  }
  try {
    const pair = options.standby === true ? await startPostgresPair() : undefined
    const { postgres, redis, createDatabase, stop } = await startStores({}, pair)
    closers.push(stop)
    const direct = await createProxy({
      targetPort: postgres.port,
      random: random.fork('direct'),
    })
    closers.push(() => direct.close())
    const databaseUrl = withPort(await createDatabase('uzima_faults'), direct.port)
    const secret = randomBytes(48).toString('base64url')

    const nodes: RigNode[] = []
    for (let index = 1; index <= options.nodeCount; index += 1) {
      const name = `n${String(index)}`
      const port = await freePort()
      const edge = async (what: string, targetPort: number): Promise<Proxy> => {
        const proxy = await createProxy({ targetPort, random: random.fork(`${name}-${what}`) })
        closers.push(() => proxy.close())
        return proxy
      }
      const clients = await edge('clients', port)
      const postgresEdge = await edge('postgres', postgres.port)
      const redisEdge = await edge('redis', redis.port)
      const node = await createNodeProcess({
        name,
        root,
        port,
        recorder,
        logFile: join(folder, `${name}.log`),
        env: {
          JWT_SECRET: secret,
          DATABASE_URL: withPort(databaseUrl, postgresEdge.port),
          ...(options.cluster ? { REDIS_URL: `redis://127.0.0.1:${String(redisEdge.port)}` } : {}),
          INVENTORY_UPDATE_ROLES: FEED_ROLES['inventory:update'].join(','),
          LOW_STOCK_ROLES: FEED_ROLES['inventory:lowStock'].join(','),
          ...options.env,
        },
      })
      closers.push(() => node.close())
      nodes.push({
        ...node,
        url: `http://127.0.0.1:${String(clients.port)}`,
        clients,
        postgres: postgresEdge,
        redis: redisEdge,
      })
    }

    const sql: Rig['sql'] = async (work) => {
      const client = new pg.Client({
        connectionString: databaseUrl,
        connectionTimeoutMillis: 3_000,
        query_timeout: 60_000,
      })
      client.on('error', () => undefined)
      try {
        await client.connect()
        return await work(client)
      } finally {
        await client.end().catch(() => undefined)
      }
    }

    const repoint: Rig['repoint'] = (port, who) => {
      for (const node of nodes) node.postgres.setTarget(port)
      if (who === 'everybody') direct.setTarget(port)
    }

    return { nodes, postgres, redis, secret, databaseUrl, pair, repoint, sql, close }
  } catch (error) {
    await close()
    throw error
  }
}

const withPort = (url: string, port: number): string => {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}
