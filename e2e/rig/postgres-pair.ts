import pg from 'pg'
import { runAlone } from '../../test/support/databases.js'
import { startPostgres, type PostgresServer } from '../../test/support/postgres-server.js'
import { waitUntil } from './timing.js'

/**
 * A PostgreSQL with a standby that confirms every commit before its writer hears of it. As a server it is the primary of
 * the moment: another one, on another port, after `failOver()`.
 */
export interface PostgresPair extends PostgresServer {
  /** Of the standby: it answers, and refuses to write. */
  readonly standbyPort: () => number
  /**
   * Kills the primary, promotes the standby, and resolves to the port of the new primary, which is alone then. `meanwhile`
   * runs between the two. Rejects where the standby does not hold everything within 30 s.
   */
  readonly failOver: (meanwhile: () => Promise<void>) => Promise<number>
  /** Makes a new standby of the primary; commits wait for it from then on. */
  readonly addStandby: () => Promise<void>
}

/** What a standby may need that was not there while it was copied. */
const SETTINGS = { wal_keep_size: '512MB', wal_retrieve_retry_interval: '500ms' }
const IN_SYNC_WITHIN_MS = 30_000

/** Starts both; `settings` are those of either. */
export const startPostgresPair = async (
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresPair> => {
  const options = { fsync: true, settings: { ...SETTINGS, ...settings } }
  let primary = await startPostgres(options)
  let standby: PostgresServer | undefined

  const addStandby = async (): Promise<void> => {
    standby = await startPostgres({ ...options, standbyOf: primary.port })
    await runAlone(primary.url(), `alter system set synchronous_standby_names = 'standby'`)
    await runAlone(primary.url(), 'select pg_reload_conf()')
    await untilInSync()
  }

  const untilInSync = async (): Promise<void> => {
    if (!(await waitUntil(() => isInSync(primary.url()), IN_SYNC_WITHIN_MS, 50))) {
      throw new Error('The standby does not follow its primary.')
    }
  }

  const failOver = async (meanwhile: () => Promise<void>): Promise<number> => {
    const next = standby
    if (next === undefined) throw new Error('There is no standby to promote.')
    await untilInSync()
    await primary.kill9()
    await meanwhile()
    await runAlone(next.url(), 'select pg_promote(true, 60)')
    // What it has copied of its primary's settings would have it wait for a standby of its own.
    await runAlone(next.url(), 'alter system reset synchronous_standby_names')
    await runAlone(next.url(), 'select pg_reload_conf()')
    await primary.stop()
    primary = next
    standby = undefined
    return primary.port
  }

  const stop = async (): Promise<void> => {
    await standby?.stop()
    await primary.stop()
  }

  try {
    await addStandby()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: (database) => primary.url(database),
    get port() {
      return primary.port
    },
    get dataDir() {
      return primary.dataDir
    },
    pid: () => primary.pid(),
    kill9: () => primary.kill9(),
    restart: () => primary.restart(),
    standbyPort: () => standby?.port ?? -1,
    failOver,
    addStandby,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Whether the standby holds all that the primary has written, so that nothing that anybody saw dies with it. */
const isInSync = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ sync: boolean }>(
      `select sync_state = 'sync' as sync
        from pg_stat_replication where application_name = 'standby'`,
    )
    return rows[0]?.sync === true
  } catch {
    // It restarts; the next look tells.
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}
