import { parseDatabaseUrl } from '../../config/database-url.js'
import type { Config } from '../../config/schema.js'
import { CLOCK_OFF_MS, clockSentence } from '../../log/clock-offset.js'
import { readHead } from '../../log/head.js'
import type { Database } from '../../storage/database.js'
import { readSchemaState } from '../../storage/migrate.js'
import { openDatabase } from '../../storage/open.js'
import { expectedTriggers, findDeadTrigger } from '../../storage/triggers.js'
import { checkCheckpoints } from './checkpoints.js'
import { fail, ok, sizeOf, warn, type Finding } from './finding.js'
import { countOpenReviews } from '../../users/open-reviews.js'
import { checkNodes } from './nodes.js'

/** The PostgreSQL of DATABASE_URL, and all that is in it. Reads only. */
export const checkDatabase = async (config: Config): Promise<Finding[]> => {
  const { databaseUrl, dataDir } = config
  if (databaseUrl === undefined) return []
  const database = await openDatabase({ databaseUrl, dataDir }, { onError: ignore, onHung: ignore })
  try {
    const findings = [
      ...(await describe(database, databaseUrl)),
      ...(await checkClock(database)),
      ...(await checkSchema(database)),
    ]
    if (findings.some(({ check, level }) => check === 'schema' && level !== 'ok')) return findings
    return [
      ...findings,
      ...(await checkRights(database)),
      ...(await checkTriggers(database)),
      ...(await checkLog(database)),
      ...(await checkReviews(database)),
      ...(await checkNodes(database, config)),
      ...(await checkCheckpoints(database)),
    ]
  } finally {
    await database.close()
  }
}

interface State {
  readonly version: string
  readonly bytes: number
  readonly fsync: string
  readonly full_page_writes: string
  readonly connections: number
  readonly max_connections: number
}

/** A node opens at most so many. */
const CONNECTIONS_OF_A_NODE = 18

const describe = async (database: Database, url: string): Promise<Finding[]> => {
  const [state] = await database.query<State>(
    `select current_setting('server_version') as version, pg_database_size(current_database()) as bytes,
       current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
       (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
       current_setting('max_connections')::int as max_connections`,
  )
  if (state === undefined) throw new Error('PostgreSQL gave no row for a question that has one.')
  const at = parseDatabaseUrl(url)
    .servers.map((server) => server.at)
    .join(', ')
  const { version, bytes, fsync, full_page_writes: fullPages, connections } = state
  const left = state.max_connections - connections
  return [
    ok('database', `PostgreSQL ${version} at ${at}, ${sizeOf(bytes)}`),
    fsync === 'on' && fullPages === 'on'
      ? ok('durability', 'commits wait for the disk')
      : warn(
          'durability',
          'fsync or full_page_writes is off: a power cut loses what was acknowledged. Run there: alter system set fsync = on; alter system set full_page_writes = on; select pg_reload_conf()',
        ),
    left < CONNECTIONS_OF_A_NODE
      ? warn(
          'connections',
          `${left.toString()} connections are left, and a node takes up to ${CONNECTIONS_OF_A_NODE.toString()}. Raise max_connections there.`,
        )
      : ok(
          'connections',
          `${connections.toString()} of ${state.max_connections.toString()} are taken`,
        ),
  ]
}

/** This machine's clock against the database's, as exactly as the answer was quick. */
const checkClock = async (database: Database): Promise<Finding[]> => {
  const askedAt = Date.now()
  const [row] = await database.query<{ now: Date }>('select clock_timestamp() as now')
  const aheadMs = (askedAt + Date.now()) / 2 - (row?.now.getTime() ?? 0)
  return [
    Math.abs(aheadMs) > CLOCK_OFF_MS
      ? fail('clock', clockSentence(aheadMs))
      : ok(
          'clock',
          `within ${Math.max(1, Math.ceil(Math.abs(aheadMs) / 1_000)).toString()} s of the database's`,
        ),
  ]
}

const checkSchema = async (database: Database): Promise<Finding[]> => {
  const { found, known, differing } = await readSchemaState(database)
  const versions = `version ${found.toString()}, and this program knows ${known.toString()}`
  if (found > known) return [fail('schema', `it is ${versions}. Start the newer program.`)]
  if (differing !== undefined) {
    return [
      fail(
        'schema',
        `migration ${differing} is not there as this program has it. Start the program that made the schema, or restore the file.`,
      ),
    ]
  }
  if (found === 0)
    return [
      warn('schema', 'the database is empty. The first start, or uzima migrate, makes the tables.'),
    ]
  if (found < known)
    return [
      warn('schema', `it is ${versions}. The next start, or uzima migrate, brings it up to date.`),
    ]
  return [ok('schema', `version ${found.toString()}`)]
}

/** What the service cannot work without; an owner has all of it. */
const RIGHTS: Readonly<Record<string, string>> = {
  users: 'select, insert, update',
  sessions: 'select, insert, update',
  role_grants: 'select, insert, update',
  grant_edges: 'select',
  grants_in_force: 'select',
  user_roles: 'select',
  break_glass: 'select',
  inventory_items: 'select, insert, update',
  inventory_lots: 'select, insert, update',
  stock_movements: 'select',
  event_log: 'select',
  alerts: 'select, update',
  nodes: 'select, insert, update',
  connection_log: 'select, insert',
  deliveries: 'select, insert, update',
  delivery_lags: 'select, insert, update',
  node_progress: 'select, insert, update',
  applied_marks: 'select, insert',
  revocation_acks: 'select, insert',
  idempotency_keys: 'select, insert',
}

const checkRights = async (database: Database): Promise<Finding[]> => {
  const missing = await database.query<{ table: string; privilege: string; role: string }>(
    `select w.name as table, trim(p) as privilege, current_user as role
     from unnest($1::text[], $2::text[]) as w (name, privileges), unnest(string_to_array(w.privileges, ',')) as p
     where not has_table_privilege(w.name, trim(p))`,
    [Object.keys(RIGHTS), Object.values(RIGHTS)],
  )
  const [first] = missing
  if (first === undefined) return [ok('rights', 'all that the service needs')]
  const grants = missing.map(
    ({ table, privilege }) => `grant ${privilege} on ${table} to "${first.role}"`,
  )
  return [
    fail('rights', `the user "${first.role}" lacks some. Run as the owner: ${grants.join('; ')}`),
  ]
}

const checkTriggers = async (database: Database): Promise<Finding[]> => {
  const dead = await findDeadTrigger(database, await expectedTriggers())
  return [dead === undefined ? ok('triggers', 'all fire') : fail('triggers', dead)]
}

const checkLog = async (database: Database): Promise<Finding[]> => {
  const { seq, trimmedSeq, at } = await readHead(database)
  const [row] = await database.query<{ age: number }>(
    `select extract(epoch from clock_timestamp() - coalesce($1::timestamptz, clock_timestamp()))::float8 as age`,
    [at],
  )
  const age = row?.age ?? 0
  if (age < -5) {
    return [
      fail(
        'log',
        `its newest entry is ${Math.round(-age).toString()} s in the future: the clock of the database was set back. Set it right (timedatectl set-ntp true). Granted roles begin and end early until that time has passed; uzima log epoch --new goes on from the clock as it is.`,
      ),
    ]
  }
  const newest = at === null ? '' : ` of ${at}`
  return [
    ok('log', `entry ${seq.toString()}${newest}, kept from ${(trimmedSeq + 1).toString()} on`),
  ]
}

const checkReviews = async (database: Database): Promise<Finding[]> => {
  const open = await countOpenReviews(database)
  return [
    open === 0
      ? ok('reviews', 'none is open')
      : warn(
          'reviews',
          `${open.toString()} of roles that were taken in an emergency are open. An administrator who is not the user closes them: uzima reviews, uzima review.`,
        ),
  ]
}

const ignore = (): void => {
  // The statement that uses the connection next reports the loss.
}
