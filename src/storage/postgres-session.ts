import type pg from 'pg'
import { StartError } from '../config/start-errors.js'
import { INSUFFICIENT_PRIVILEGE, sqlState } from './database.js'
import { READ_ONLY } from './unavailable.js'

/** What every connection of ours relies on, whatever was set for the role, the database or the server. */
const SETTINGS: Readonly<Record<string, string>> = {
  // The schema of our tables, whatever else is there; nobody's temporary table stands in for one of them.
  search_path: 'public, pg_temp',
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // Waits are bounded by the statement.
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '60s',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  row_security: 'on',
  check_function_bodies: 'on',
  // Our statements are short. Until somebody has gathered statistics the planner takes the one row of log_head for a thousand, and
  // compiling the read of the head took twenty times its CPU, on each node at each change.
  jit: 'off',
  session_replication_role: 'origin',
}

/** Which server processes serve which of our connections. */
export interface Sessions {
  /**
   * Makes a connection that has just opened what we rely on. Throws `StartError` where that cannot be: in another encoding
   * than UTF8, without triggers, behind a pooler that gives each transaction another session, or on a server that only reads
   * where a writable one is wanted.
   */
  readonly settle: (client: pg.ClientBase) => Promise<void>
}

export interface SessionOptions {
  readonly statementTimeoutMs: number
  readonly wantsWritable: boolean
  /** How long the server may take to answer. */
  readonly answerWithinMs: number
}

interface State {
  readonly pid: number
  readonly encoding: string
  readonly read_only: boolean
  readonly database: string
}

export const createSessions = (options: SessionOptions): Sessions => {
  const byProcess = new Map<number, pg.ClientBase>()
  const wanted = Object.entries({
    ...SETTINGS,
    statement_timeout: `${options.statementTimeoutMs.toString()}ms`,
  })
  // Only what differs is set, since some of it takes rights; a release that does not know a name has no such trap. Commits
  // that a crash may lose would break what we promise; a stricter wish than ours (remote_apply) stays.
  const text = `
    select pg_backend_pid() as pid, current_database() as database, current_setting('server_encoding') as encoding,
      current_setting('transaction_read_only') = 'on' as read_only,
      (select count(set_config(name, value, false))
        from (values ${wanted.map(([name, value]) => `('${name}', '${value}')`).join(', ')},
          ('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'on' end)) as w (name, value)
        where current_setting(name, true) <> value)`

  const settle = async (client: pg.ClientBase): Promise<void> => {
    const state = await ask(client)
    if (state.encoding !== 'UTF8') throw new StartError(wrongEncoding(state))
    // A pooler makes the key for cancelling up, so that one look at it says whether one is between.
    const isDirect = 'processID' in client && client.processID === state.pid
    const other = byProcess.get(state.pid)
    if (!isDirect && other !== undefined && other !== client) throw new StartError(POOLED)
    if (other !== client) {
      byProcess.set(state.pid, client)
      client.once('end', () => {
        if (byProcess.get(state.pid) === client) byProcess.delete(state.pid)
      })
    }
    if (state.read_only && options.wantsWritable) {
      throw Object.assign(new Error('This server only reads.'), { code: READ_ONLY })
    }
  }

  const ask = async (client: pg.ClientBase): Promise<State> => {
    // pg takes this member for a single query, too, which its types do not say.
    const limited = { text, query_timeout: options.answerWithinMs }
    try {
      const [state] = (await client.query<State & pg.QueryResultRow>(limited)).rows
      if (state === undefined)
        throw new Error('PostgreSQL gave no row for a question that has one.')
      return state
    } catch (error) {
      const isForbidden = sqlState(error) === INSUFFICIENT_PRIVILEGE
      throw isForbidden ? new StartError(NO_TRIGGERS, { cause: error }) : error
    }
  }

  return { settle }
}

const wrongEncoding = ({ database, encoding }: State): string =>
  `DATABASE_URL: the database "${database}" is in ${encoding}, which cannot hold every name. Make one in UTF8 (create database ... encoding 'UTF8' locale 'C' template template0), and move the data with pg_dump.`

const POOLED =
  'DATABASE_URL: a pooler between gives each transaction another session, so that neither settings nor LISTEN hold. Set it to session mode for this program (pgbouncer: pool_mode = session), or name PostgreSQL itself.'

const NO_TRIGGERS =
  'DATABASE_URL: session_replication_role is set for this role or database, so that no trigger fires. Take it back: alter role ... reset session_replication_role.'
