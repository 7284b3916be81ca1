import type { Queryable } from '../storage/database.js'

/** Where the log is. */
export interface Head {
  readonly epoch: string
  /** Number of the newest entry; 0 where there is none. */
  readonly seq: number
  /** Entries up to this number were removed by retention. */
  readonly trimmedSeq: number
  /** When the newest entry was written, by the database's clock; null where none is kept. */
  readonly at: string | null
}

/** Reads where the log is. */
export const readHead = async (database: Queryable): Promise<Head> => {
  const [head] = await database.query<Head>(
    `select epoch::text, seq, trimmed_seq as "trimmedSeq",
       (select iso_time(e.at) from event_log e where e.seq = h.seq) as at
     from log_head h`,
  )
  if (head === undefined) throw new Error('The table log_head is empty: the schema is damaged.')
  return head
}

/**
 * Gives the log a new name, so that whoever knows the old one reads the snapshot instead of going on; to be called after a
 * restore. Resolves to the name.
 */
export const startNewEpoch = async (database: Queryable): Promise<string> => {
  const [row] = await database.query<{ epoch: string }>('select start_new_epoch()::text as epoch')
  if (row === undefined) throw new Error('The table log_head is empty: the schema is damaged.')
  return row.epoch
}
