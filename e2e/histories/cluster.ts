import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort } from '../../test/support/server-process.js'
import { createRecorder } from '../faults/history.js'
import { createNodeProcess, type NodeProcess } from '../faults/rig/node-process.js'
import { createRest, type Rest } from '../rig/rest.js'
import { startStores, type Stores } from '../rig/stores.js'
import { signToken } from '../rig/tokens.js'
import { createNodeClock, type NodeClock } from './clock.js'
import { FEEDS } from './feeds.js'

export interface ClusterNode extends NodeProcess {
  readonly url: string
  readonly clock: NodeClock
}

/** Two built nodes, PostgreSQL and Redis, all of them our children. */
export interface Cluster {
  readonly nodes: readonly ClusterNode[]
  readonly stores: Stores
  readonly secret: string
  readonly pool: pg.Pool
  readonly rest: Rest
  readonly skus: readonly string[]
  /** A token of an administrator who is left alone. */
  readonly adminToken: () => string
  readonly close: () => Promise<void>
}

const ITEMS = 24
/** More than a clock is ever set back. */
export const BEFORE_ALL_CLOCKS_MS = 700_000

/** Starts everything; log files go to `folder`. */
export const startCluster = async (folder: string): Promise<Cluster> => {
  const closers: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    await mkdir(folder, { recursive: true })
    const stores = await startStores()
    closers.push(() => stores.stop())
    const databaseUrl = await stores.createDatabase('uzima_histories')
    const secret = randomBytes(48).toString('base64url')
    const nodes: ClusterNode[] = []
    for (const name of ['n1', 'n2']) {
      const clock = await createNodeClock()
      closers.push(() => clock.close())
      const port = await freePort()
      const node = await createNodeProcess({
        name,
        root: fileURLToPath(new URL('../..', import.meta.url)),
        port,
        recorder: createRecorder(),
        logFile: join(folder, `${name}.log`),
        env: {
          JWT_SECRET: secret,
          DATABASE_URL: databaseUrl,
          REDIS_URL: stores.redis.url,
          INVENTORY_UPDATE_ROLES: FEEDS.stock.join(','),
          LOW_STOCK_ROLES: FEEDS.low.join(','),
          ALERT_ESCALATE_TO: 'admin',
          ...clock.env,
        },
      })
      closers.push(() => node.close())
      nodes.push({ ...node, clock, url: `http://127.0.0.1:${String(port)}` })
    }
    // One after the other: the first brings the schema.
    for (const node of nodes) await node.start()
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 12 })
    pool.on('error', () => undefined)
    closers.push(() => pool.end())
    const rest = createRest(6_000)
    closers.push(() => {
      rest.close()
    })
    const { rows } = await pool.query<{ id: string }>(
      `insert into users (username, email, role) values ('histories-admin', 'histories-admin@example.org', 'admin') returning id`,
    )
    const admin = rows[0]?.id ?? ''
    return {
      nodes,
      stores,
      secret,
      pool,
      rest,
      skus: await makeItems(pool),
      adminToken: () => signToken(secret, admin, { issuedAt: Date.now() - BEFORE_ALL_CLOCKS_MS }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const makeItems = async (pool: pg.Pool): Promise<string[]> => {
  const skus = Array.from({ length: ITEMS }, (_, index) => `MED-${String(index + 1)}`)
  for (const sku of skus) {
    await pool.query('insert into inventory_items (sku, name, threshold) values ($1, $1, 100)', [
      sku,
    ])
    await pool.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       values ($1, 'L1', 1000000, (now() at time zone 'UTC')::date + 300)`,
      [sku],
    )
  }
  return skus
}
