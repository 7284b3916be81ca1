import type { Queryable } from '../storage/database.js'
import { chainRows, genesis, type ChainHead, type LogBatch, type NodeRun } from './chain.js'

/** Makes the run known, if it is not, and resolves to the end of its chain. */
export const openChain = async (database: Queryable, run: NodeRun): Promise<ChainHead> => {
  await database.query(
    `insert into nodes (id, name, last_hash) values ($1, $2, decode($3, 'hex'))
     on conflict (id) do nothing`,
    [run.id, run.name, genesis(run.id).hash],
  )
  const [head] = await database.query<ChainHead>(
    `select last_seq as seq, encode(last_hash, 'hex') as hash from nodes where id = $1`,
    [run.id],
  )
  if (head === undefined) throw new Error(`The run ${run.id} of node ${run.name} was removed.`)
  return head
}

/**
 * Appends the rows to the chain in one statement, if it still ends at `head`, and resolves to its new end. Undefined,
 * and nothing written, where it ends elsewhere: another appended to it, or this very batch is in already.
 */
export const appendRows = async (
  database: Queryable,
  run: NodeRun,
  head: ChainHead,
  batch: LogBatch,
): Promise<ChainHead | undefined> => {
  const rows = chainRows(run, head, batch)
  const last = rows.at(-1)
  if (last === undefined) return head
  const [result] = await database.query<{ inserted: number }>(APPEND, [
    run.id,
    head.seq,
    head.hash,
    last.nodeSeq,
    last.hash,
    JSON.stringify(rows),
  ])
  return result?.inserted === rows.length ? { seq: last.nodeSeq, hash: last.hash } : undefined
}

/** Whether exactly these rows follow `head`: the answer to a commit that may or may not have happened. */
export const hasRows = async (
  database: Queryable,
  run: NodeRun,
  head: ChainHead,
  batch: LogBatch,
): Promise<boolean> => {
  const last = chainRows(run, head, batch).at(-1)
  if (last === undefined) return true
  const found = await database.query(
    `select from connection_log where node_run = $1 and node_seq = $2 and hash = decode($3, 'hex')`,
    [run.id, last.nodeSeq, last.hash],
  )
  return found.length > 0
}

// A batch is a sign of life, also of a run that others took for dead.
const APPEND = `
  with head as (
    update nodes set last_seq = $4, last_hash = decode($5, 'hex'), heartbeat_at = clock_timestamp(), ended_at = null
    where id = $1 and last_seq = $2 and last_hash = decode($3, 'hex')
    returning id),
  inserted as (
    insert into connection_log (at, outcome, code, user_id, ip, user_agent, origin, transport, node, socket_id, count,
      node_run, node_seq, prev_hash, hash, salt)
    select r.at, r.outcome, r.code, r."userId", r.ip, r."userAgent", r.origin, r.transport, r.node, r."socketId", r.count,
      head.id, r."nodeSeq", decode(r."prevHash", 'hex'), decode(r.hash, 'hex'), decode(r.salt, 'hex')
    from head, json_to_recordset($6::json) as r(at timestamptz, outcome text, code text, "userId" text, ip text,
      "userAgent" text, origin text, transport text, node text, "socketId" text, count integer, "nodeSeq" bigint,
      "prevHash" text, hash text, salt text)
    order by r."nodeSeq"
    returning 1)
  select count(*)::integer as inserted from inserted`
