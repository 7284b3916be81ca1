import type { Database, Queryable } from '../storage/database.js'
import { appendRows } from './append.js'
import { batchOf, type ChainHead, type LogContent, type NodeRun } from './chain.js'
import { closeDeliveries } from './deliveries.js'
import { iso } from './record.js'

/** A run that ended without saying so. */
export interface DeadRun extends NodeRun {
  /** Sockets that were open in the log and are closed now. */
  readonly socketsClosed: number
}

/** Code of the rows by which the others close the sockets of a run that is dead. */
export const NODE_LOST = 'NODE_LOST'

const ROWS_PER_STATEMENT = 500

/**
 * Closes in the log the sockets of all runs without a sign of life for `deadAfterMs`. Several nodes may do it at once:
 * each run is closed by one of them.
 */
export const closeDeadRuns = async (
  database: Database,
  ownRunId: string,
  deadAfterMs: number,
): Promise<DeadRun[]> => {
  const closed: DeadRun[] = []
  for (;;) {
    const run = await database.transaction((tx) => closeOne(tx, ownRunId, deadAfterMs))
    if (run === undefined) return closed
    closed.push(run)
  }
}

const closeOne = async (
  tx: Queryable,
  ownRunId: string,
  deadAfterMs: number,
): Promise<DeadRun | undefined> => {
  // The writer of a run that only seemed dead waits for this lock, then finds its chain longer and goes on behind.
  const [dead] = await tx.query<NodeRun & ChainHead & { at: Date; lastSignAt: Date }>(
    `select id, name, last_seq as seq, encode(last_hash, 'hex') as hash, clock_timestamp() as at,
       heartbeat_at as "lastSignAt"
     from nodes
     where ended_at is null and id <> $1
       and heartbeat_at < clock_timestamp() - $2 * interval '1 millisecond'
     order by heartbeat_at limit 1 for no key update skip locked`,
    [ownRunId, deadAfterMs],
  )
  if (dead === undefined) return undefined
  const open = await tx.query<OpenSocket>(OPEN_SOCKETS, [dead.id])
  const rows = open.map((socket): LogContent => closedRow(socket, dead.at))
  let head: ChainHead | undefined = { seq: dead.seq, hash: dead.hash }
  for (let first = 0; first < rows.length; first += ROWS_PER_STATEMENT) {
    const batch = batchOf(rows.slice(first, first + ROWS_PER_STATEMENT))
    head = await appendRows(tx, dead, head, batch)
    if (head === undefined) throw new Error(`The chain of run ${dead.id} changed under its lock.`)
  }
  await closeDeliveries(tx, dead.id, NODE_LOST)
  await tx.query(
    `update nodes set ended_at = clock_timestamp(), lost_count = lost_count + 1, last_sign_at = $2
     where id = $1`,
    [dead.id, dead.lastSignAt],
  )
  return { id: dead.id, name: dead.name, socketsClosed: rows.length }
}

type OpenSocket = Pick<
  LogContent,
  'userId' | 'ip' | 'userAgent' | 'origin' | 'transport' | 'socketId'
>

const OPEN_SOCKETS = `
  select user_id as "userId", ip, user_agent as "userAgent", origin, transport, socket_id as "socketId"
  from connection_log as opened
  where node_run = $1 and outcome = 'accepted' and socket_id is not null
    and not exists (
      select from connection_log as closed
      where closed.node_run = $1 and closed.socket_id = opened.socket_id and closed.outcome = 'closed')
  order by node_seq`

const closedRow = (socket: OpenSocket, at: Date): LogContent => ({
  ...socket,
  at: iso(at),
  outcome: 'closed',
  code: NODE_LOST,
  count: 1,
})
