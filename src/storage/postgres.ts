import pg from 'pg'
import { parseDatabaseUrl } from '../config/database-url.js'
import {
  retryTransaction,
  SNAPSHOT_ISOLATION,
  type Database,
  type QueryOptions,
  type Queryable,
  type SqlValue,
  type TransactionOptions,
} from './database.js'
import { createHosts } from './postgres-hosts.js'
import { createListener } from './postgres-listener.js'
import { createSessions } from './postgres-session.js'
import { isReadOnly } from './unavailable.js'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with several hosts where they stand in for each other. */
  readonly url: string
  /** Most connections at a time, the listening one not counted. Default 16. */
  readonly poolSize?: number
  /** A statement that runs longer is cancelled (57014). Default 15,000 ms. */
  readonly statementTimeoutMs?: number
  /** Told of connections that fail while nobody uses them. */
  readonly onError: (error: Error) => void
}

const ANSWER_GRACE_MS = 5_000
// How long a caller waits for a free connection, or a new one takes to open.
const CONNECT_TIMEOUT_MS = 5_000
const URGENT_CONNECT_TIMEOUT_MS = 1_000

/** Opens a pool on a PostgreSQL server. Connects on first use, so a server that is down is found by `query`. */
export const createPostgres = (options: PostgresOptions): Database => {
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000
  const { servers, wantsWritable } = parseDatabaseUrl(options.url)
  const hosts = createHosts(servers)
  const sessions = createSessions({
    statementTimeoutMs,
    wantsWritable,
    answerWithinMs: CONNECT_TIMEOUT_MS,
  })
  const connection = {
    application_name: 'uzima-realtime',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  } as const
  const poolOptions = { ...connection, Client: hosts.Client, onConnect: sessions.settle }
  let closing: Promise<void> | undefined

  const pool = new pg.Pool({
    ...poolOptions,
    max: options.poolSize ?? 16,
    // The server cancels first; this one ends the wait when the server cannot answer at all.
    query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
  })
  pool.on('error', options.onError)
  pool.on('connect', outliveItsLoss)
  // Short reads that must not wait while long statements, or dead connections, hold the whole pool.
  const urgentPool = new pg.Pool({
    ...poolOptions,
    max: 1,
    connectionTimeoutMillis: URGENT_CONNECT_TIMEOUT_MS,
  })
  urgentPool.on('error', options.onError)
  urgentPool.on('connect', outliveItsLoss)
  const stopListening = new Set<() => Promise<void>>()

  const query = async <Row>(
    text: string,
    params: readonly SqlValue[] = [],
    { answerWithinMs, isRenewed = false }: QueryOptions = {},
  ): Promise<Row[]> => {
    const used = answerWithinMs === undefined ? pool : urgentPool
    if (isRenewed) (await hosts.connect(used)).release(true)
    const limit = answerWithinMs === undefined ? {} : { query_timeout: answerWithinMs }
    const client = await hosts.connect(used)
    try {
      const { rows } = await client.query<Row & pg.QueryResultRow>({
        text,
        values: [...params],
        ...limit,
      })
      client.release()
      return rows
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  const transaction = <T>(
    work: (tx: Queryable) => Promise<T>,
    { snapshot = false, statementTimeoutMs: ownTimeoutMs }: TransactionOptions = {},
  ): Promise<T> =>
    retryTransaction(async () => {
      const client = await hosts.connect(pool)
      let broken: Error | undefined
      // A connection lost between two statements emits 'error'; without a listener that ends the process.
      const onLost = (error: Error): void => {
        broken = error
      }
      client.on('error', onLost)
      try {
        await client.query(snapshot ? `begin ${SNAPSHOT_ISOLATION}` : 'begin')
        if (ownTimeoutMs !== undefined) {
          await client.query(`set local statement_timeout = ${ownTimeoutMs.toString()}`)
        }
        const result = await work(transactionOf(client, ownTimeoutMs))
        const { command } = await client.query('commit')
        // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, not with an error.
        if (command === 'ROLLBACK') {
          throw new Error('The transaction was rolled back: one of its statements had failed.')
        }
        return result
      } catch (error) {
        await client.query('rollback').catch((failure: unknown) => {
          broken = failure instanceof Error ? failure : new Error(String(failure))
        })
        // What only reads may do so for as long as this connection lives.
        if (isReadOnly(error)) broken ??= new Error('read-only')
        throw error
      } finally {
        client.off('error', onLost)
        client.release(broken)
      }
    })

  const script = async (sql: string): Promise<void> => {
    await query(sql)
  }

  const listen = async (channel: string, onNotify: () => void): Promise<() => Promise<void>> => {
    const stop = await createListener({
      createClient: (limits) => new hosts.Client({ ...connection, ...limits }),
      settle: sessions.settle,
      channel,
      onNotify,
    })
    const release = async (): Promise<void> => {
      stopListening.delete(release)
      await stop()
    }
    stopListening.add(release)
    return release
  }

  const close = (): Promise<void> => {
    closing ??= (async () => {
      await Promise.all([...stopListening].map((stop) => stop()))
      await Promise.all([pool.end(), urgentPool.end()])
    })()
    return closing
  }

  return { kind: 'postgres', query, transaction, script, listen, isFull: () => false, close }
}

/**
 * The pool listens to a connection that nobody uses, and we to one that we use. Between the two, in the instant in which it
 * is handed over, an error that nobody hears would end the process. Whoever gets the connection meets the loss.
 */
const outliveItsLoss = (client: pg.PoolClient): void => {
  client.on('error', () => undefined)
}

const transactionOf = (client: pg.PoolClient, timeoutMs: number | undefined): Queryable => {
  // pg takes this member for a single query, too, which its types do not say.
  const limit = timeoutMs === undefined ? {} : { query_timeout: timeoutMs + ANSWER_GRACE_MS }
  return {
    query: async <Row>(text: string, values: readonly SqlValue[] = []) =>
      (await client.query<Row & pg.QueryResultRow>({ text, values: [...values], ...limit })).rows,
    script: async (text) => {
      await client.query({ text, ...limit })
    },
  }
}

/** Both stores give the same JavaScript values; see `Queryable.query`. */
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (type, format): unknown => {
  if (type === pg.types.builtins.INT8) return (text: string) => Number(text)
  if (type === pg.types.builtins.DATE) return (text: string) => text
  return pg.types.getTypeParser(type, format)
}
