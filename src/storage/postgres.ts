import pg from 'pg'
import {
  retryTransaction,
  SNAPSHOT_ISOLATION,
  type Database,
  type QueryOptions,
  type Queryable,
  type SqlValue,
  type TransactionOptions,
} from './database.js'
import { createListener } from './postgres-listener.js'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  /** Most connections at a time, the listening one not counted. Default 10. */
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
  const connection = {
    connectionString: options.url,
    application_name: 'uzima-realtime',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  } as const
  let closing: Promise<void> | undefined

  const pool = new pg.Pool({
    ...connection,
    max: options.poolSize ?? 10,
    statement_timeout: statementTimeoutMs,
    // The server cancels first; this one ends the wait when the server cannot answer at all.
    query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
    idle_in_transaction_session_timeout: 60_000,
  })
  pool.on('error', options.onError)
  pool.on('connect', outliveItsLoss)
  // Short reads that must not wait while ten long statements, or ten dead connections, hold the pool.
  const urgentPool = new pg.Pool({
    ...connection,
    max: 1,
    connectionTimeoutMillis: URGENT_CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
  })
  urgentPool.on('error', options.onError)
  urgentPool.on('connect', outliveItsLoss)
  const stopListening = new Set<() => Promise<void>>()

  const query = async <Row>(
    text: string,
    params: readonly SqlValue[] = [],
    { answerWithinMs }: QueryOptions = {},
  ): Promise<Row[]> => {
    const values = [...params]
    if (answerWithinMs === undefined) {
      return (await pool.query<Row & pg.QueryResultRow>(text, values)).rows
    }
    const urgent = { text, values, query_timeout: answerWithinMs }
    return (await urgentPool.query<Row & pg.QueryResultRow>(urgent)).rows
  }

  const transaction = <T>(
    work: (tx: Queryable) => Promise<T>,
    { snapshot = false, statementTimeoutMs: ownTimeoutMs }: TransactionOptions = {},
  ): Promise<T> =>
    retryTransaction(async () => {
      const client = await pool.connect()
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
        throw error
      } finally {
        client.off('error', onLost)
        client.release(broken)
      }
    })

  const script = async (sql: string): Promise<void> => {
    await pool.query(sql)
  }

  const listen = async (channel: string, onNotify: () => void): Promise<() => Promise<void>> => {
    const stop = await createListener({ connection, channel, onNotify })
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
