import type { Queryable } from '../storage/database.js'
import type {
  BareConnection,
  DeliveryRecord,
  EntryHeader,
  Lag,
  Mark,
  NodeRun,
  Records,
  RightChange,
  Rights,
} from './records.js'

/** The entries that are asked about: from the first to the last of some that follow each other. */
export interface Span {
  readonly from: Pick<EntryHeader, 'seq' | 'at'>
  readonly to: Pick<EntryHeader, 'seq' | 'at'>
}

/** Every right that the user ever had, as far as it is on record. A few rows a month. */
export const readRights = async (database: Queryable, userId: string): Promise<Rights> => {
  const changes = await database.query<RightChange>(
    `select seq, at, username, role, roles, is_active as "isActive", deleted as "isDeleted", actor, grants
     from right_changes where user_id = $1 order by seq`,
    [userId],
  )
  const [since] = await database.query<{ seq: number }>('select seq from right_changes_since')
  return { userId, changes, completeFrom: since?.seq ?? Number.POSITIVE_INFINITY }
}

/**
 * What is on record of the user's connections and of the nodes, as far as it can concern the entries of `span`; undefined where
 * that is too much at once.
 */
export const readRecords = async (
  database: Queryable,
  rights: Rights,
  span: Span,
): Promise<Records | undefined> => {
  const { from, to } = span
  const between = [rights.userId, from.seq, to.seq, from.at, to.at] as const
  const found = await database.query<DeliveryRow>(DELIVERIES, between)
  const bare = await database.query<BareConnection>(BARE, [rights.userId, from.at, to.at])
  if (found.length > MAX_CONNECTIONS || bare.length > MAX_CONNECTIONS) return undefined
  const ids = [...new Set([...found, ...bare].map(({ run }) => run))]
  const runs = await readRuns(database, span, ids)
  const applied = await marksBy(database, APPLIED, [
    found.map(({ id }) => id.toString()),
    from.seq,
    to.seq,
  ])
  const [clock] = await database.query<{ at: Date }>('select clock_timestamp() as at')
  return {
    rights,
    deliveries: found.map(({ id, lags, ...row }) => ({
      ...row,
      lags: lags.map(({ untilAt, ...lag }) => ({
        ...lag,
        untilAt: untilAt === null ? null : new Date(untilAt),
      })),
      applied: applied.get(id.toString()) ?? [],
    })),
    bare,
    runs,
    readAt: clock?.at ?? new Date(),
  }
}

/** The runs that lived in `span`, with the progress of those in `ids`; see `RUNS` for which more. */
export const readRuns = async (
  database: Queryable,
  { from, to }: Span,
  ids: readonly string[] = [],
): Promise<ReadonlyMap<string, NodeRun>> => {
  const runs = await database.query<Omit<NodeRun, 'lastSignAt' | 'progress'> & LostRow>(RUNS, [
    ids,
    from.at,
    to.at,
  ])
  const progress = await marksBy(database, PROGRESS, [ids, from.seq, to.seq])
  return new Map(
    runs.map(({ isLost, lastSignAt, ...run }) => [
      run.id,
      {
        ...run,
        lastSignAt: isLost ? lastSignAt : undefined,
        progress: progress.get(run.id) ?? [],
      },
    ]),
  )
}

interface DeliveryRow extends Omit<DeliveryRecord, 'applied' | 'lags'> {
  readonly id: number
  /** `untilAt` in milliseconds since 1970. */
  readonly lags: readonly (Omit<Lag, 'untilAt'> & { readonly untilAt: number | null })[]
}

interface LostRow {
  readonly isLost: boolean
  readonly lastSignAt: Date | null
}

const marksBy = async (
  database: Queryable,
  sql: string,
  params: readonly (readonly string[] | number)[],
): Promise<ReadonlyMap<string, Mark[]>> => {
  const rows = await database.query<Mark & { readonly of: string }>(sql, params)
  const marks = new Map<string, Mark[]>()
  for (const { of, seq, at } of rows) marks.set(of, [...(marks.get(of) ?? []), { seq, at }])
  return marks
}

/** Most connections of one user that are looked at together. */
const MAX_CONNECTIONS = 2_000
const ONE_MORE = (MAX_CONNECTIONS + 1).toString()

const COLUMNS = `
  d.id, d.socket_id as "socketId", d.node, d.node_run::text as run, d.connected_at as "connectedAt", d.how,
  d.asked_seq as "askedSeq", d.joined_seq as "joinedSeq", delivery_written_up_to(d) as "writtenUpTo",
  d.written_at as "writtenAt", d.applied_seq as "appliedSeq", d.applied_at as "appliedAt",
  coalesce((
    select json_agg(json_build_object('from', from_seq, 'until', until_seq, 'untilAt', extract(epoch from until_at) * 1000))
    from delivery_lags where delivery_id = d.id), '[]') as lags,
  coalesce(d.closed_at, closed.at) as "closedAt", coalesce(d.code, closed.code) as code, d.closed_at is not null as "isFinal"
  from deliveries d
  left join lateral (
    select c.at, c.code from connection_log c
    where d.closed_at is null and c.node_run = d.node_run and c.socket_id = d.socket_id and c.outcome = 'closed'
    order by c.id desc limit 1) closed on true`

/**
 * Those that were open meanwhile, those that were sent it afterwards, and the first that began with a snapshot. A node that is
 * behind sends live what was numbered before the connection began.
 */
const DELIVERIES = `
  with near as (
    select ${COLUMNS}
    where d.user_id = $1 and (
      ((d.connected_at <= $5 or d.joined_seq < $3) and (d.closed_at is null or d.closed_at >= $4))
      or (d.how = 'replay' and d.asked_seq < $3 and d.connected_at > $4 and (d.joined_seq is null or d.joined_seq >= $2)))
    order by d.connected_at, d.id limit ${ONE_MORE}),
  snapshot as (
    select ${COLUMNS}
    where d.user_id = $1 and d.connected_at > $5 and d.how <> 'replay' and d.joined_seq >= $3
    order by d.connected_at, d.id limit 1)
  select * from near union all select * from snapshot order by "connectedAt", id`

/** Afterwards, too, where its node kept no record of streams, died before it could, or has not had the time. */
const BARE = `
  select a.socket_id as "socketId", a.node, a.node_run::text as run, a.at, closed.at as "closedAt"
  from connection_log a join nodes n on n.id = a.node_run
  left join lateral (
    select c.at from connection_log c
    where c.node_run = a.node_run and c.socket_id = a.socket_id and c.outcome = 'closed' order by c.id desc limit 1) closed on true
  where a.user_id = $1 and a.outcome = 'accepted' 
    and (a.at <= $3 or n.rules is null or n.lost_count > 0 or a.at > clock_timestamp() - interval '10 seconds')
    and (closed.at is null or closed.at >= $2)
    and not exists (select from deliveries d where d.node_run = a.node_run and d.socket_id = a.socket_id)
  order by a.at limit ${ONE_MORE}`

/** The nodes of those, all that lived then (where none did, the one that started next, or ended last), and those that died since. */
const RUNS = `
  with living as (select * from nodes where started_at <= $3 and (ended_at is null or ended_at >= $2)),
  nearest as (
    (select * from nodes where started_at > $3 order by started_at limit 1)
    union all (select * from nodes where started_at <= $3 order by started_at desc limit 1) limit 1),
  died as (
    select * from nodes where lost_count > 0 and coalesce(last_sign_at, ended_at) >= $2 order by started_at limit 20),
  asked as (
    select * from nodes where id = any ($1::uuid[])
    union select * from living
    union select * from died
    union select * from nearest where not exists (select from living))
  select id::text, name, started_at as "startedAt", ended_at as "endedAt", lost_count > 0 as "isLost", last_sign_at as "lastSignAt",
    rules as feeds
  from asked order by started_at`

const PROGRESS = `
  select run as of, p.seq, p.at from unnest($1::text[]) as run cross join lateral (
    select seq, at from node_progress where node_run = run::uuid and seq between $2 and $3
    union all (select seq, at from node_progress where node_run = run::uuid and seq > $3 order by seq limit 1)) as p
  order by p.seq`

const APPLIED = `
  select delivery as of, m.seq, m.at from unnest($1::text[]) as delivery cross join lateral (
    select seq, at from applied_marks where delivery_id = delivery::bigint and seq between $2 and $3
    union all (select seq, at from applied_marks where delivery_id = delivery::bigint and seq > $3 order by seq limit 1)) as m
  order by m.seq`
