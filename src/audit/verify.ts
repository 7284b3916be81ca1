import type { Queryable } from '../storage/database.js'
import { genesis, rowHash, type ChainHead, type KeptRow, type NodeRun } from './chain.js'

export type ChainVerdict =
  | {
      readonly holds: true
      readonly rows: number
      readonly runs: number
      /** Rows of erased people: their texts are gone, what else they say still counts. */
      readonly withheld: number
      /** Those of them of the first kind, of which only the links to their neighbours are left to prove. */
      readonly linkedOnly: number
    }
  | { readonly holds: false; readonly rows: number; readonly broken: BrokenLink }

export interface BrokenLink {
  readonly nodeRun: string
  readonly node: string
  readonly nodeSeq: number
  /** Of the row at which the chain breaks; null where that row is missing. */
  readonly id: number | null
  readonly reason: 'edited' | 'not linked to the row before' | 'missing'
}

export interface VerifyOptions {
  /** Leaves out rows before it. The first row of each chain must still link to the one before. */
  readonly since?: Date
  /** Rows per statement. Default 5,000. */
  readonly batchSize?: number
}

/**
 * Computes the hash chain of every run again and names the first link that does not hold, runs by their start. Safe to
 * run while nodes write and retention prunes. It cannot see the removal of a whole run together with its row in `nodes`.
 */
export const verifyChain = async (
  database: Queryable,
  options: VerifyOptions = {},
): Promise<ChainVerdict> => {
  const runs = await database.query<NodeRun>('select id, name from nodes order by started_at, id')
  const sum = { rows: 0, withheld: 0, linkedOnly: 0 }
  for (const run of runs) {
    const { broken, ...counts } = await verifyRun(database, run, options)
    sum.rows += counts.rows
    sum.withheld += counts.withheld
    sum.linkedOnly += counts.linkedOnly
    if (broken !== undefined) return { holds: false, rows: sum.rows, broken }
  }
  return { holds: true, runs: runs.length, ...sum }
}

interface RunVerdict {
  readonly rows: number
  readonly withheld: number
  readonly linkedOnly: number
  readonly broken?: BrokenLink
}

const verifyRun = async (
  database: Queryable,
  run: NodeRun,
  options: VerifyOptions,
): Promise<RunVerdict> => {
  for (;;) {
    const bounds = await readBounds(database, run, options.since)
    if (bounds === undefined) return { rows: 0, withheld: 0, linkedOnly: 0 }
    const verdict = await verifyBetween(database, run, bounds, options.batchSize ?? 5_000)
    if (verdict.broken === undefined) return verdict
    // Retention may have cut the chain between two reads; then it is looked at again.
    const now = await readBounds(database, run, options.since)
    if (now?.anchorSeq === bounds.anchorSeq) return verdict
  }
}

interface Bounds {
  /** What the first row must link to. */
  readonly start: ChainHead | undefined
  readonly startSeq: number
  /** Where the chain ended when it was looked at. */
  readonly end: ChainHead
  readonly anchorSeq: number
}

const readBounds = async (
  database: Queryable,
  run: NodeRun,
  since: Date | undefined,
): Promise<Bounds | undefined> => {
  const [row] = await database.query<BoundsRow>(BOUNDS, [run.id, since ?? null])
  if (row === undefined) return undefined
  const anchor =
    row.anchorSeq === null || row.anchorHash === null
      ? genesis(run.id)
      : { seq: row.anchorSeq, hash: row.anchorHash }
  const startSeq = Math.max(row.firstSeq, since === undefined ? 1 : anchor.seq + 1)
  const start = since === undefined || startSeq === anchor.seq + 1 ? anchor : undefined
  return {
    startSeq,
    start:
      start ?? (row.beforeHash === null ? undefined : { seq: startSeq - 1, hash: row.beforeHash }),
    end: { seq: row.lastSeq, hash: row.lastHash },
    anchorSeq: anchor.seq,
  }
}

interface BoundsRow {
  readonly lastSeq: number
  readonly lastHash: string
  readonly anchorSeq: number | null
  readonly anchorHash: string | null
  readonly firstSeq: number
  readonly beforeHash: string | null
}

const BOUNDS = `
  select n.last_seq as "lastSeq", encode(n.last_hash, 'hex') as "lastHash",
    a.node_seq as "anchorSeq", encode(a.hash, 'hex') as "anchorHash", first.seq as "firstSeq",
    (select encode(hash, 'hex') from connection_log where node_run = n.id and node_seq = first.seq - 1) as "beforeHash"
  from nodes n
  left join connection_log_anchors a on a.node_run = n.id
  cross join lateral (
    select case when $2::timestamptz is null then 1 else coalesce(
      (select min(node_seq) from connection_log where node_run = n.id and at >= $2::timestamptz),
      n.last_seq + 1) end as seq) as first
  where n.id = $1`

const verifyBetween = async (
  database: Queryable,
  run: NodeRun,
  { start, startSeq, end }: Bounds,
  batchSize: number,
): Promise<RunVerdict> => {
  const counts = { rows: 0, withheld: 0, linkedOnly: 0 }
  const broken = (
    nodeSeq: number,
    id: number | null,
    reason: BrokenLink['reason'],
  ): RunVerdict => ({
    ...counts,
    broken: { nodeRun: run.id, node: run.name, nodeSeq, id, reason },
  })
  if (start === undefined) return broken(startSeq - 1, null, 'missing')
  let last = start
  let readUpTo = startSeq - 1
  for (;;) {
    const batch = await database.query<StoredRow>(ROWS, [run.id, readUpTo, batchSize])
    for (const row of batch) {
      if (row.nodeSeq !== last.seq + 1) return broken(last.seq + 1, null, 'missing')
      if (row.prevHash !== last.hash)
        return broken(row.nodeSeq, row.id, 'not linked to the row before')
      if (!isTrue(run.id, row)) return broken(row.nodeSeq, row.id, 'edited')
      last = { seq: row.nodeSeq, hash: row.hash }
      if (last.seq === end.seq && last.hash !== end.hash) return broken(last.seq, row.id, 'edited')
      readUpTo = row.nodeSeq
      counts.rows += 1
      if (row.texts !== null) counts.withheld += 1
      if (row.texts === '') counts.linkedOnly += 1
    }
    if (batch.length < batchSize) break
  }
  return last.seq < end.seq ? broken(last.seq + 1, null, 'missing') : counts
}

interface StoredRow extends KeptRow {
  readonly id: number
  readonly hash: string
  readonly texts: string | null
  /** Whether the record says that its person was erased. */
  readonly isErased: boolean
}

/** Whether the row is what its hash says. Where nobody can tell, its person must have been erased, and its texts be gone. */
const isTrue = (nodeRun: string, row: StoredRow): boolean => {
  if (row.texts !== null) {
    const isEmpty = [row.ip, row.userAgent, row.origin, row.salt].every((text) => text === null)
    if (!row.isErased || !isEmpty) return false
  }
  const hash = rowHash(nodeRun, row)
  return hash === undefined || hash === row.hash
}

const ROWS = `
  select id, node_seq as "nodeSeq", outcome, code, user_id as "userId", ip, user_agent as "userAgent", origin,
    transport, node, socket_id as "socketId", count,
    to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
    encode(prev_hash, 'hex') as "prevHash", encode(hash, 'hex') as hash, encode(salt, 'hex') as salt,
    encode(texts_hash, 'hex') as texts,
    texts_hash is not null and exists (select from erasures e where e.user_id::text = connection_log.user_id) as "isErased"
  from connection_log where node_run = $1 and node_seq > $2
  order by node_seq limit $3`
