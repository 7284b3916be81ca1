import type pg from 'pg'
import { feedOf, type Feed } from './feeds.js'

/** An entry that clients may see. `at` in microseconds since 1970. */
export interface Entry {
  readonly seq: number
  readonly feed: Feed
  readonly at: number
}

/** An entry `user:changed` of one user, as the log has it. */
export interface Change {
  readonly seq: number
  readonly at: number
  readonly actor: string
  readonly role: string
  readonly roles: readonly string[]
  readonly isActive: boolean
}

export interface GrantFact {
  readonly id: string
  readonly role: string
  readonly from: number
  readonly until: number
  readonly isRevoked: boolean
  readonly begin: number | undefined
  readonly end: number | undefined
  readonly endBy: 'end' | 'revoked' | undefined
}

/** What the database has of one round. */
export interface Facts {
  readonly entries: readonly Entry[]
  readonly changes: ReadonlyMap<string, readonly Change[]>
  readonly grants: ReadonlyMap<string, readonly GrantFact[]>
  /** When each number was, whatever it is for. */
  readonly times: readonly { readonly seq: number; readonly at: number }[]
  readonly lastAt: number
  /** Numbers at which the time of the log goes back; there are none. */
  readonly falls: readonly number[]
}

const MICROS = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint::text`

interface LogRow {
  readonly seq: string
  readonly name: string
  readonly at: string
  readonly user: string | null
  readonly payload: Omit<Change, 'seq' | 'at'> | null
}

interface GrantRow {
  readonly id: string
  readonly userId: string
  readonly role: string
  readonly from: string
  readonly until: string
  readonly isRevoked: boolean
  readonly edges: readonly { readonly edge: 'begin' | 'end' | 'revoked'; readonly seq: number }[]
}

/** Reads all that follows number `after`, and the grants of these users, at one place in the log. */
export const readFacts = async (
  pool: pg.Pool,
  after: number,
  userIds: readonly string[],
): Promise<Facts> => {
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const facts = await readAll(client, after, userIds)
    await client.query('commit')
    return facts
  } finally {
    client.release()
  }
}

const readAll = async (
  client: pg.PoolClient,
  after: number,
  userIds: readonly string[],
): Promise<Facts> => {
  const { rows } = await client.query<LogRow>(
    `select seq::text, name, ${MICROS('at')} as at,
       case when name = 'user:changed' then payload ->> 'userId' end as user,
       case when name = 'user:changed' then payload end as payload
     from event_log where event_log.seq > $1 order by event_log.seq`,
    [after],
  )
  const entries: Entry[] = []
  const changes = new Map<string, Change[]>()
  const falls: number[] = []
  const times: { seq: number; at: number }[] = []
  let lastAt = 0
  for (const row of rows) {
    const seq = Number(row.seq)
    const at = Number(row.at)
    if (at < lastAt) falls.push(seq)
    lastAt = at
    times.push({ seq, at })
    const feed = feedOf(row.name)
    if (feed !== undefined) entries.push({ seq, feed, at })
    if (row.user !== null && row.payload !== null) {
      const { actor, role, roles, isActive } = row.payload
      const change: Change = { seq, at, actor, role, roles, isActive }
      const known = changes.get(row.user)
      if (known === undefined) changes.set(row.user, [change])
      else known.push(change)
    }
  }
  return { entries, changes, grants: await readGrants(client, userIds), times, lastAt, falls }
}

const readGrants = async (
  client: pg.PoolClient,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, GrantFact[]>> => {
  const { rows } = await client.query<GrantRow>(
    `select g.id, g.user_id as "userId", g.role, ${MICROS('g.valid_from')} as from, ${MICROS('g.valid_until')} as until,
       g.revoked_at is not null as "isRevoked",
       coalesce((select json_agg(json_build_object('edge', edge, 'seq', seq)) from grant_edges where grant_id = g.id), '[]') as edges
     from role_grants g where g.user_id = any ($1::uuid[])`,
    [userIds],
  )
  const grants = new Map<string, GrantFact[]>()
  for (const { id, userId, role, from, until, isRevoked, edges } of rows) {
    const end = edges.find(({ edge }) => edge !== 'begin')
    const fact: GrantFact = {
      id,
      role,
      from: Number(from),
      until: Number(until),
      isRevoked,
      begin: edges.find(({ edge }) => edge === 'begin')?.seq,
      end: end?.seq,
      endBy: end === undefined || end.edge === 'begin' ? undefined : end.edge,
    }
    grants.set(userId, [...(grants.get(userId) ?? []), fact])
  }
  return grants
}
