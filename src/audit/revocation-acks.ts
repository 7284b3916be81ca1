import type { Queryable } from '../storage/database.js'
import type { NodeRun } from './chain.js'

/** What a node did when a right ended. */
export interface RevocationAck {
  readonly seq: number
  readonly socketsClosed: number
  readonly socketsMoved: number
  /** Milliseconds from the commit to the closing, by this node's clock. */
  readonly appliedAfterMs: number
}

export interface RevocationAcks {
  /** Notes that this node has acted on a revocation. Never waits and never throws. */
  readonly acknowledge: (ack: RevocationAck) => void
  /** Writes what is noted, as far as the database answers. */
  readonly close: () => Promise<void>
}

const RETRY_MS = 250
/** Acknowledgements held while the database is away; the oldest go first. About 100 bytes each. */
const MAX_HELD = 10_000

/** Writes the acknowledgements of this node, many in one statement, until the database has them. */
export const createRevocationAcks = (deps: {
  readonly database: Queryable
  readonly node: NodeRun
  readonly onError: (error: unknown) => void
}): RevocationAcks => {
  let held: RevocationAck[] = []
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const write = async (): Promise<void> => {
    while (held.length > 0) {
      const batch = held
      held = []
      try {
        await insert(batch)
      } catch (error) {
        held = [...batch, ...held].slice(-MAX_HELD)
        deps.onError(error)
        timer = setTimeout(start, RETRY_MS)
        return
      }
    }
  }

  const insert = (batch: readonly RevocationAck[]): Promise<unknown> =>
    deps.database.query(
      `insert into revocation_acks (seq, node_run, sockets_closed, sockets_moved, applied_after_ms)
       select a."seq", $1, a."socketsClosed", a."socketsMoved", a."appliedAfterMs"
         from jsonb_to_recordset($2::jsonb) as a (
           "seq" bigint, "socketsClosed" integer, "socketsMoved" integer, "appliedAfterMs" double precision)
       on conflict do nothing`,
      [deps.node.id, JSON.stringify(batch)],
    )

  const start = (): void => {
    writing ??= write().finally(() => {
      writing = undefined
    })
  }

  return {
    acknowledge(ack) {
      held.push(ack)
      // After the tick: the sockets come first, and what a batch of the log ends is one statement.
      setImmediate(start)
    },
    async close() {
      await writing
      clearTimeout(timer)
      await write()
      clearTimeout(timer)
    },
  }
}
