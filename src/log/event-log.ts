import type { Position } from '@uzima/contracts'
import type { Queryable, QueryOptions } from '../storage/database.js'
import { DUE_IN_MS } from './due.js'
import { toLogEntry, type EntryRow, type LogEntry } from './entry.js'

export interface LogHead extends Position {
  /** Entries up to this number were removed by retention. */
  readonly trimmedSeq: number
}

export interface LogRange {
  /** The head at the moment of the read: reading it is also the proof that the log was reached. */
  readonly head: LogHead
  /** That moment, by the database's clock. */
  readonly readAt: Date
  /** Milliseconds from then until the next moment at which something is due; null where nothing is. */
  readonly dueInMs: number | null
  /** Whether nothing can be written there now: a standby, or a database that was made read-only. */
  readonly isReadOnly: boolean
  /** Names the connection that was read from: another number is another connection, maybe to another server. */
  readonly session: number
  readonly entries: readonly LogEntry[]
}

export interface EventLog {
  /** Entries with a number above `afterSeq`, in order, at most `limit`. */
  readonly read: (afterSeq: number, limit: number) => Promise<LogEntry[]>
  /** Head and entries as of one moment, in one statement; see `QueryOptions` for a bound on it. */
  readonly range: (afterSeq: number, limit: number, options?: QueryOptions) => Promise<LogRange>
}

interface HeadRow {
  readonly epoch: string
  readonly head_seq: number
  readonly trimmed_seq: number
  readonly read_at: Date
  readonly due_in_ms: number | null
  readonly read_only: boolean
  readonly session: number
}
type RangeRow = HeadRow & { [K in keyof EntryRow]: EntryRow[K] | null }

/** Reads the log of `database`. Writing it is the database's own work, at COMMIT (migrations 0001 to 0004). */
export const createEventLog = (database: Queryable): EventLog => {
  const read = async (afterSeq: number, limit: number): Promise<LogEntry[]> => {
    const rows = await database.query<EntryRow>(
      'select seq, name, audience, payload, at from event_log where seq > $1 order by seq limit $2',
      [afterSeq, limit],
    )
    return rows.map(toLogEntry)
  }

  const range = async (
    afterSeq: number,
    limit: number,
    options?: QueryOptions,
  ): Promise<LogRange> => {
    const rows = await database.query<RangeRow>(
      `select h.epoch, h.seq as head_seq, h.trimmed_seq, clock_timestamp() as read_at, ${DUE_IN_MS},
           current_setting('transaction_read_only') = 'on' as read_only,
           pg_backend_pid() as session, e.seq, e.name, e.audience, e.payload, e.at
         from log_head h
         left join lateral (
           select * from event_log where seq > $1 order by seq limit $2) e on true
        order by e.seq`,
      [afterSeq, limit],
      options,
    )
    const [first] = rows
    if (first === undefined) throw new Error('The table log_head is empty: the schema is damaged.')
    const {
      epoch,
      head_seq: seq,
      trimmed_seq: trimmedSeq,
      read_at: readAt,
      due_in_ms: dueInMs,
      read_only: isReadOnly,
      session,
    } = first
    const entries = rows
      .filter(isEntry)
      .map(({ seq, name, audience, payload, at }) =>
        toLogEntry({ seq, name, audience, payload, at }),
      )
    return { head: { epoch, seq, trimmedSeq }, readAt, dueInMs, isReadOnly, session, entries }
  }

  return { read, range }
}

/** An outer join gives one row of nulls where there is nothing new. */
const isEntry = (row: RangeRow): row is RangeRow & EntryRow => row.seq !== null
