import type { Queryable } from '../storage/database.js'
import type { NodeRun } from './chain.js'

/** A run of a node that has given a sign of life in the last 30 s. */
export interface LivingNode extends NodeRun {
  /** By which others see whether it signs with their key; null where it showed none. */
  readonly mark: Uint8Array | null
}

/** Ten heartbeats. */
const SILENT_AFTER = '30 seconds'

/** The nodes that live, the newest first; at most `limit`. */
export const readLivingNodes = (database: Queryable, limit = 50): Promise<LivingNode[]> =>
  database.query<LivingNode>(
    `select id::text, name, key_mark as mark from nodes
     where ended_at is null and heartbeat_at > clock_timestamp() - interval '${SILENT_AFTER}'
     order by started_at desc limit $1`,
    [limit],
  )

/** Shows the mark of the key that this run signs with. */
export const showKeyMark = async (
  database: Queryable,
  run: NodeRun,
  mark: Uint8Array,
): Promise<void> => {
  await database.query('update nodes set key_mark = $2 where id = $1', [run.id, mark])
}
