import type { Database } from '../storage/database.js'

/** Writes what is due: what happens because a moment has come is an entry of the log like any other. */
export interface DueWriter {
  /**
   * Takes what a read of the head says: milliseconds until the next moment, 0 or less where it has come, null where there
   * is none. The database measures it, so a wrong clock of this machine moves nothing. A later call replaces an earlier one.
   */
  readonly look: (dueInMs: number | null) => void
  /** Ends; what is being written is finished first. */
  readonly stop: () => Promise<void>
}

/** Milliseconds until the next moment, as a column of a read of the head. See `DueWriter.look`. */
export const DUE_IN_MS = `(select extract(epoch from least((select min(due_at) from due), next_edge_at) - log_now()) * 1000
  from log_head)::float8 as due_in_ms`

/**
 * Whether a granted role should have ended, and no entry says so yet; as a column of a read of the head. Who reads that may
 * not rely on what it knows of rights.
 */
export const END_IS_OVERDUE = 'coalesce(next_end_at <= log_now(), false) as end_is_overdue'

// What commits together keeps other commits waiting, and many lots end at one midnight.
const BATCH = 500
// setTimeout takes no more, and fires at once instead. The head is read far more often anyway.
const MAX_TIMER_MS = 2_147_483_647

/** Makes a writer for a node. Any number of nodes may have one: the database lets one of them write. */
export const createDueWriter = ({
  database,
  onError,
}: {
  readonly database: Database
  /** Told of a failed attempt; the next look tries again. */
  readonly onError: (error: unknown) => void
}): DueWriter => {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> | undefined
  let stopped = false

  const write = (): void => {
    running ??= writeDue(database, () => stopped)
      .catch(onError)
      .finally(() => {
        running = undefined
      })
  }

  return {
    look(dueInMs) {
      clearTimeout(timer)
      if (stopped || dueInMs === null) return
      if (dueInMs <= 0) write()
      else timer = setTimeout(write, Math.min(Math.ceil(dueInMs), MAX_TIMER_MS))
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** Writes until nothing is due, or until `isStopped`; resolves to how much this call wrote. */
export const writeDue = async (
  database: Database,
  isStopped: () => boolean = () => false,
): Promise<number> => {
  let total = 0
  for (let written = -1; written !== 0 && !isStopped(); total += written) {
    written = await database.transaction(async (tx) => {
      const [row] = await tx.query<{ written: number }>('select write_due($1) as written', [BATCH])
      return row?.written ?? 0
    })
  }
  return total
}
