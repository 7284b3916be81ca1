import type { JsonObject, Position } from '@uzima/contracts'
import type { Queryable, QueryOptions } from '../storage/database.js'
import { DUE_IN_MS, END_IS_OVERDUE } from './due.js'
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
  /** Whether a right has ended by then of which the log does not tell yet. */
  readonly isEndOverdue: boolean
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
  readonly end_is_overdue: boolean
  readonly read_only: boolean
  readonly session: number
}

/**
 * The entries in one value: a row for each, with the head in all of them, took four times as long to read, and the planner,
 * which does not know that there is one head, had it compiled first.
 */
interface RangeRow extends HeadRow {
  readonly entries: readonly PackedEntry[] | null
}

/** `at` in milliseconds since 1970. */
type PackedEntry = readonly [
  seq: number,
  name: string,
  audience: string,
  payload: JsonObject,
  at: number,
]

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
    const [row] = await database.query<RangeRow>(
      `select epoch, seq as head_seq, trimmed_seq, clock_timestamp() as read_at, ${DUE_IN_MS},
           ${END_IS_OVERDUE}, current_setting('transaction_read_only') = 'on' as read_only, pg_backend_pid() as session,
           (select json_agg(json_build_array(seq, name, audience, payload, extract(epoch from at) * 1000) order by seq)
              from (select * from event_log where seq > $1 order by seq limit $2) as entries) as entries
         from log_head`,
      [afterSeq, limit],
      options,
    )
    if (row === undefined) throw new Error('The table log_head is empty: the schema is damaged.')
    const entries = row.entries ?? []
    return {
      head: { epoch: row.epoch, seq: row.head_seq, trimmedSeq: row.trimmed_seq },
      readAt: row.read_at,
      dueInMs: row.due_in_ms,
      isEndOverdue: row.end_is_overdue,
      isReadOnly: row.read_only,
      session: row.session,
      entries: entries.map(([seq, name, audience, payload, at]) =>
        toLogEntry({ seq, name, audience, payload, at: new Date(at) }),
      ),
    }
  }

  return { read, range }
}
