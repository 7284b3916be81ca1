import type { Database } from '../storage/database.js'
import { openChain } from './append.js'
import type { NodeRun } from './chain.js'
import { closeDeliveries } from './deliveries.js'
import { closeDeadRuns, NODE_LOST, type DeadRun } from './dead-runs.js'

/** Tells the other nodes that this one lives, and closes in the log what a dead one left open. */
export interface NodeRegistry {
  /** Enters this run. Call it once, before the first heartbeat. */
  readonly register: () => Promise<void>
  readonly heartbeat: () => Promise<Heartbeat>
  /**
   * Appends a `closed` row with code `NODE_LOST` for every open socket of each run that has given no sign of life for
   * `deadAfterMs`, and resolves to those runs. Does nothing until this node itself has had answers from the database for
   * as long without a gap: a database that stood still has made nobody dead.
   */
  readonly closeDeadNodes: () => Promise<DeadRun[]>
  /** Marks this run as ended. Call it after the connection log is closed. */
  readonly end: () => Promise<void>
}

export interface Heartbeat {
  /**
   * Ids of the sockets that the others have closed in the log since the last heartbeat, because they took this run for
   * dead (it was paused, or cut off from the database): close them. The run goes on.
   */
  readonly lostSockets: readonly string[]
}

export interface NodeRegistryOptions {
  readonly database: Database
  readonly node: NodeRun
  /**
   * Silence after which a run counts as dead, by the clock of the database. A living one must have closed its sockets
   * by then, or the record would not be true.
   */
  readonly deadAfterMs: number
}

export const createNodeRegistry = (options: NodeRegistryOptions): NodeRegistry => {
  const { database, node, deadAfterMs } = options
  // With this much between two answers, those who lived may look dead.
  const largestGapMs = deadAfterMs * 0.6
  let lostCount = 0
  let steadySinceMs = Number.POSITIVE_INFINITY
  let lastSeenMs = Number.NEGATIVE_INFINITY

  const register = async (): Promise<void> => {
    await openChain(database, node)
  }

  const heartbeat = async (): Promise<Heartbeat> => {
    const [answer] = await database.query<{ at: Date; lost_count: number }>(
      `update nodes set heartbeat_at = clock_timestamp(), ended_at = null where id = $1
       returning heartbeat_at as at, lost_count`,
      [node.id],
    )
    if (answer === undefined) throw new Error(`Run ${node.id} of ${node.name} is not registered.`)
    const atMs = answer.at.getTime()
    if (atMs - lastSeenMs > largestGapMs) steadySinceMs = atMs
    // Answers may overtake each other.
    lastSeenMs = Math.max(lastSeenMs, atMs)
    if (answer.lost_count <= lostCount) return { lostSockets: [] }
    const lost = await database.query<{ id: string }>(
      `select socket_id as id from connection_log where node_run = $1 and code = '${NODE_LOST}'`,
      [node.id],
    )
    lostCount = Math.max(lostCount, answer.lost_count)
    return { lostSockets: lost.map(({ id }) => id) }
  }

  const closeDeadNodes = async (): Promise<DeadRun[]> =>
    lastSeenMs - steadySinceMs >= deadAfterMs ? closeDeadRuns(database, node.id, deadAfterMs) : []

  const end = async (): Promise<void> => {
    // What could not be written in time.
    await closeDeliveries(database, node.id, NODE_LOST)
    await database.query('update nodes set ended_at = clock_timestamp() where id = $1', [node.id])
  }

  return { register, heartbeat, closeDeadNodes, end }
}
