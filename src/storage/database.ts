/** Values that both stores take as parameters. Pass objects as `JSON.stringify(...)` with a `::jsonb` cast. */
export type SqlValue = string | number | boolean | null | Date | Uint8Array | readonly string[]

export interface QueryOptions {
  /**
   * Gives up, and gives the connection up, where there is no answer in so many milliseconds. Such queries never wait
   * behind others for a free connection. Outside transactions on a server only; the embedded store ignores it.
   */
  readonly answerWithinMs?: number
  /** Whether to ask on a new connection: some of what a server says of itself holds for as long as one lives. Default false. */
  readonly isRenewed?: boolean
}

/** Something that answers one SQL statement: the database itself, or a transaction of it. */
export interface Queryable {
  /**
   * Runs one statement with `$1`-style parameters and resolves to its rows.
   * `bigint` arrives as a number, `timestamptz` as a Date, `date` as `YYYY-MM-DD`, `json` parsed; the row type is the
   * caller's claim about its own SQL.
   */
  readonly query: <Row>(
    sql: string,
    params?: readonly SqlValue[],
    options?: QueryOptions,
  ) => Promise<Row[]>
  /** Runs a script of several statements without parameters. */
  readonly script: (sql: string) => Promise<void>
}

export interface TransactionOptions {
  /** Whether all statements see one moment, and write nothing. Default false. */
  readonly snapshot?: boolean
  /** How long a statement may take, instead of the store's own limit. The embedded store has none. */
  readonly statementTimeoutMs?: number
}

/** What the service needs of PostgreSQL, and what both stores give. */
export interface Database extends Queryable {
  readonly kind: 'pglite' | 'postgres'
  /**
   * Runs `work` in one READ COMMITTED transaction (or one REPEATABLE READ, READ ONLY snapshot); commits when it
   * resolves, rolls back and rethrows when it throws. Deadlocks and serialization failures are tried again, so `work`
   * may run more than once. A failed statement ends the transaction even where `work` catches it, unless it rolls back
   * to a savepoint. On the embedded store use only `tx` inside, never the database: it would wait for ever.
   */
  readonly transaction: <T>(
    work: (tx: Queryable) => Promise<T>,
    options?: TransactionOptions,
  ) => Promise<T>
  /**
   * Calls `onNotify` for each NOTIFY on `channel`, and after each loss of the listening connection is repaired
   * (something may have been missed). Resolves once listening was tried; never rejects for a lost connection.
   */
  readonly listen: (channel: string, onNotify: () => void) => Promise<() => Promise<void>>
  /**
   * Whether transactions that write are refused (`SERVER_UNAVAILABLE`) because the disk is almost full. Always false on a
   * server, which refuses them itself.
   */
  readonly isFull: () => boolean
  /** Closes the store; queries under way settle first. Safe to call twice. */
  readonly close: () => Promise<void>
}

/** SQLSTATE of a failed statement (PostgreSQL appendix A), or undefined where the failure is not the database's. */
export const sqlState = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** The constraint that a failed statement ran into, as the database names it; undefined where it names none. */
export const constraintOf = (error: unknown): string | undefined =>
  typeof error === 'object' &&
  error !== null &&
  'constraint' in error &&
  typeof error.constraint === 'string'
    ? error.constraint
    : undefined

/** SQLSTATE of what the role may not do. */
export const INSUFFICIENT_PRIVILEGE = '42501'
const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'
const RETRYABLE_STATES = new Set([SERIALIZATION_FAILURE, DEADLOCK_DETECTED])
const MAX_TRIES = 5

/** Repeats `attempt` when the database says that the same transaction may succeed next time; at most 5 times. */
export const retryTransaction = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === MAX_TRIES || !RETRYABLE_STATES.has(sqlState(error) ?? '')) throw error
    }
  }
}

/** Isolation of a transaction that reads several statements as of one moment. */
export const SNAPSHOT_ISOLATION = 'isolation level repeatable read, read only'
