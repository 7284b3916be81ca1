import type { ViewerRow } from '@uzima/contracts'
import type { Database, Queryable } from '../storage/database.js'
import { readEntries, startOf, type Between } from './entries.js'
import { explainAll } from './explain-all.js'
import type { Answer } from './explain.js'
import { readRights, readRuns } from './read-records.js'
import type { EntryHeader, NodeRun, RightChange, Rights } from './records.js'
import { changeAt, mayRead, rule } from './rights.js'

/** Entries about the item that are held at a time; a viewer has a row for each such part. */
const PART = 20_000
const USERS_AT_A_TIME = 200
const SOCKETS_LISTED = 20

/**
 * Everybody whose rights let him see an item in that time, in rows of one user and one state of his rights: what of the item's
 * entries he was allowed, and what was sent to him. Where the item has more than 20,000 entries, in rows for each 20,000.
 */
export const viewersOf = async function* (
  database: Database,
  between: Between & { readonly sku: string },
): AsyncGenerator<ViewerRow> {
  let after = await startOf(database, between.from)
  for (let from = between.from; ;) {
    const entries: EntryHeader[] = []
    let isLast = false
    while (!isLast && entries.length < PART) {
      const page = await readEntries(database, between, entries.at(-1)?.seq ?? after)
      entries.push(...page)
      isLast = page.length === 0
    }
    const to = isLast ? between.to : (entries.at(-1)?.at ?? between.to)
    yield* viewersIn(database, { from, to, entries })
    if (isLast) return
    after = entries.at(-1)?.seq ?? after
    from = to
  }
}

interface Part {
  readonly from: Date
  readonly to: Date
  readonly entries: readonly EntryHeader[]
}

const viewersIn = async function* (database: Database, part: Part): AsyncGenerator<ViewerRow> {
  for (let after = ''; ;) {
    const users = await readUsers(database, after)
    for (const userId of users) {
      const rows = await database.transaction((tx) => rowsOf(tx, userId, part), { snapshot: true })
      yield* rows
    }
    if (users.length < USERS_AT_A_TIME) return
    after = users.at(-1) ?? after
  }
}

const readUsers = async (database: Queryable, after: string): Promise<string[]> =>
  (
    await database.query<{ id: string }>(
      `select distinct user_id as id from right_changes where user_id > $1 order by 1 limit ${USERS_AT_A_TIME.toString()}`,
      [after],
    )
  ).map(({ id }) => id)

const ITEM = { name: 'inventory:update', audience: 'stock' }

const rowsOf = async (tx: Queryable, userId: string, part: Part): Promise<ViewerRow[]> => {
  const rights = await readRights(tx, userId)
  const states = statesIn(rights, part)
  if (states.length === 0) return []
  const runs = await readRuns(tx, {
    from: { seq: 0, at: part.from },
    to: { seq: 0, at: part.to },
  })
  const answers = await explainAll(tx, rights, part.entries)
  const answered = part.entries.map((entry, at) => ({ entry, answer: answers[at] }))
  return states.flatMap((state) => rowOf(rights, state, part, answered, runs) ?? [])
}

interface State {
  readonly change: RightChange
  readonly from: Date
  readonly until: Date | null
}

/** His rights as they were one after the other in that time. */
const statesIn = ({ changes }: Rights, { from, to }: Part): State[] =>
  changes.flatMap((change, at) => {
    const next = changes[at + 1]
    if (change.at >= to || (next !== undefined && next.at <= from)) return []
    return [
      {
        change,
        from: change.at > from ? change.at : from,
        until: next !== undefined && next.at < to ? next.at : null,
      },
    ]
  })

const rowOf = (
  rights: Rights,
  state: State,
  { to }: Part,
  answered: readonly { readonly entry: EntryHeader; readonly answer: Answer | undefined }[],
  runs: ReadonlyMap<string, NodeRun>,
): ViewerRow | undefined => {
  const { change, from, until } = state
  const settings = settingsOf(runs, from, until ?? to)
  const ruling = rule(ITEM, rights, change, settings, change.seq)
  const byReading = mayRead(change)
  const answers = answered.flatMap(({ entry, answer }) =>
    answer !== undefined && changeAt(rights, entry.seq) === change ? [answer] : [],
  )
  const count = (of: (answer: Answer) => boolean): number => answers.filter(of).length
  const written = count(({ verdict }) => verdict === 'written' || verdict === 'applied')
  if (ruling.allowed === false && !byReading && written === 0) return undefined
  const sockets = new Set(
    answers.flatMap(({ judged }) =>
      judged
        .filter(({ outcome }) => outcome === 'written' || outcome === 'applied')
        .map(({ delivery }) => delivery.socketId),
    ),
  )
  return {
    userId: rights.userId,
    username: change.username,
    from: from.toISOString(),
    until: until?.toISOString() ?? null,
    roles: [...change.roles],
    grants: change.grants.map(({ role, id }) => `${role} ${id}`),
    by: change.actor,
    byEvents: ruling.allowed,
    byReading,
    entries: answers.length,
    allowed: count((answer) => answer.ruling.allowed === true),
    written,
    applied: count(({ verdict }) => verdict === 'applied'),
    unknown: count(({ verdict }) => verdict === 'unknown'),
    connections: sockets.size,
    sockets: [...sockets].slice(0, SOCKETS_LISTED),
  }
}

const settingsOf = (
  runs: ReadonlyMap<string, NodeRun>,
  from: Date,
  to: Date,
): NodeRun['feeds'][] => {
  const all = [...runs.values()]
  const living = all.filter(
    ({ startedAt, endedAt }) => startedAt < to && (endedAt === null || endedAt >= from),
  )
  return (living.length > 0 ? living : all).map(({ feeds }) => feeds)
}
