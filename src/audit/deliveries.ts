import type { Queryable } from '../storage/database.js'
import { removeOld } from '../storage/remove-old.js'
import type { NodeRun } from './chain.js'

/** A session that is not on record yet. Numbers are those of the log. */
export interface BegunDelivery {
  readonly socketId: string
  readonly userId: string
  /** ISO 8601, as all moments here. */
  readonly connectedAt: string
  readonly epoch: string
  readonly how: 'live' | 'replay' | 'snapshot'
  /** Where the client said that it was; null where it said nothing. */
  readonly asked: number | null
  /** Null while it is being replayed. */
  readonly joined: number | null
  readonly reset: string | null
  /** Up to where everything is known to have been written to it. */
  readonly written: number
  /** Whether nothing waits for it. */
  readonly isIdle: boolean
  readonly applied: number | null
  /** Null while it is open. */
  readonly closedAt: string | null
  readonly code: string | null
}

/** What has changed of a session that is on record; null where nothing has. */
export interface MovedDelivery extends Pick<
  BegunDelivery,
  'socketId' | 'joined' | 'reset' | 'applied' | 'closedAt' | 'code'
> {
  readonly how: BegunDelivery['how'] | null
  readonly written: number | null
  /** Whether nothing waits for it for the first time. */
  readonly isIdle: boolean
}

/** What a run has to put on record at one moment, in one statement. A socket is in one of `begun` and `moved` at most. */
export interface DeliveryBatch {
  readonly at: string
  /** The log was handed to all sockets up to here, and nothing waits for those that are not behind; null: it has not moved. */
  readonly progress: number | null
  readonly begun: readonly BegunDelivery[]
  readonly moved: readonly MovedDelivery[]
  /** Sessions for which something waits behind the number. */
  readonly behind: readonly SeqOfSocket[]
  /** Sessions that were behind, and had everything up to the number. */
  readonly caughtUp: readonly SeqOfSocket[]
  /** Whether this is a part of what there is to write now. */
  readonly hasMore: boolean
}

export interface SeqOfSocket {
  readonly socketId: string
  readonly seq: number
}

/** Writes the batch. The same batch may be written again: a commit of unknown outcome changes nothing then. */
export const writeDeliveries = async (
  database: Queryable,
  run: NodeRun,
  batch: DeliveryBatch,
): Promise<void> => {
  await database.query(WRITE, [
    run.id,
    run.name,
    batch.at,
    batch.progress,
    JSON.stringify(batch.begun),
    JSON.stringify(batch.moved),
    JSON.stringify(batch.behind),
    JSON.stringify(batch.caughtUp),
  ])
}

/** Closes what a run that is no more has left open. */
export const closeDeliveries = async (
  database: Queryable,
  runId: string,
  code: string,
): Promise<void> => {
  await database.query('select close_deliveries($1, $2, clock_timestamp())', [runId, code])
}

/** Who sees which feed on a node is a setting of it: evidence of what was sent needs it. */
export interface FeedRules {
  readonly inventoryUpdateRoles: '*' | readonly string[]
  readonly lowStockRoles: '*' | readonly string[]
  readonly alertEscalateTo: readonly string[]
}

/** Keeps the rules that this run sends by. */
export const keepRules = async (
  database: Queryable,
  run: NodeRun,
  rules: FeedRules,
): Promise<void> => {
  await database.query('update nodes set rules = $2::jsonb where id = $1', [
    run.id,
    JSON.stringify(rules),
  ])
}

/** How long the details of a delivery are kept: what was applied when, and how far each node was when. */
const DETAILS_DAYS = 90
const DAY_MS = 86_400_000

/**
 * Removes sessions that closed before `olderThan`, and details after 90 days; resolves to how many rows. Rejects for a moment in
 * the last 30 days. Any number of nodes may call it at once; one works.
 */
export const pruneDeliveries = async (
  database: Queryable,
  olderThan: Date,
  batchSize?: number,
): Promise<number> =>
  removeOld(
    database,
    'prune_deliveries',
    [olderThan, new Date(Date.now() - DETAILS_DAYS * DAY_MS)],
    batchSize,
  )

/**
 * All of it or nothing: a node's progress must never be there without what is behind it. The newest word of a run counts,
 * also over that of the others, which closed its sessions because they took it for dead.
 */
const WRITE = `
  with begun as (
    insert into deliveries (epoch, node_run, node, socket_id, user_id, connected_at, how, asked_seq, joined_seq, reset_reason,
      written_seq, written_at, applied_seq, applied_at, marked_at, closed_at, code)
    select r.epoch, $1, $2, r."socketId", r."userId", r."connectedAt", r.how, r.asked, r.joined, r.reset,
      r.written, case when r."isIdle" then $3::timestamptz end,
      r.applied, case when r.applied is not null then $3::timestamptz end,
      case when r.applied is not null then $3::timestamptz end, r."closedAt", r.code
    from json_to_recordset($5::json) as r(epoch uuid, "socketId" text, "userId" text, "connectedAt" timestamptz, how text,
      asked bigint, joined bigint, reset text, written bigint, "isIdle" boolean, applied bigint, "closedAt" timestamptz,
      code text)
    on conflict (node_run, socket_id) do nothing
    returning id, socket_id, applied_seq, marked_at),
  moved as (
    update deliveries d set
      how = coalesce(m.how, d.how),
      joined_seq = coalesce(m.joined, d.joined_seq),
      reset_reason = coalesce(m.reset, d.reset_reason),
      written_seq = greatest(d.written_seq, m.written),
      written_at = case when m."isIdle" then coalesce(d.written_at, $3) else d.written_at end,
      applied_seq = greatest(d.applied_seq, m.applied),
      applied_at = case when m.applied > coalesce(d.applied_seq, -1) then $3 else d.applied_at end,
      marked_at = case when m.applied > coalesce(d.applied_seq, -1)
        and ($3 >= d.marked_at + interval '1 minute' or d.marked_at is null) then $3 else d.marked_at end,
      closed_at = case when d.closed_at is null or d.code = 'NODE_LOST' then coalesce(m."closedAt", d.closed_at)
        else d.closed_at end,
      code = case when m."closedAt" is not null and (d.closed_at is null or d.code = 'NODE_LOST') then m.code else d.code end
    from json_to_recordset($6::json) as m("socketId" text, how text, joined bigint, reset text, written bigint,
      "isIdle" boolean, applied bigint, "closedAt" timestamptz, code text)
    where d.node_run = $1 and d.socket_id = m."socketId"
    returning d.id, d.applied_seq, d.marked_at),
  marked as (
    insert into applied_marks (delivery_id, seq, at)
    select id, applied_seq, marked_at
    from (select id, applied_seq, marked_at from begun union all select id, applied_seq, marked_at from moved) as one
    where applied_seq is not null and marked_at = $3
    on conflict do nothing),
  behind as (
    insert into delivery_lags (delivery_id, from_seq)
    select coalesce(b.id, d.id), greatest(l.seq, d.written_seq)
    from json_to_recordset($7::json) as l("socketId" text, seq bigint)
    left join begun b on b.socket_id = l."socketId"
    left join deliveries d on d.node_run = $1 and d.socket_id = l."socketId"
    where coalesce(b.id, d.id) is not null
    on conflict (delivery_id, from_seq) do update set until_seq = null, until_at = null),
  caught_up as (
    update delivery_lags l set until_seq = c.seq, until_at = $3
    from json_to_recordset($8::json) as c("socketId" text, seq bigint)
    join deliveries d on d.node_run = $1 and d.socket_id = c."socketId"
    where l.delivery_id = d.id and l.until_seq is null)
  insert into node_progress (node_run, seq, at)
  select $1, $4, $3 where $4::bigint is not null
  on conflict (node_run, seq) do update set at = excluded.at`
