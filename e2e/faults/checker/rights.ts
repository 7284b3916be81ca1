import type { DumpedEntry } from '../dump.js'

/** What the log says of the rights of a user, on the history's clock. */
export interface Rights {
  /** When a right of his ended: what was given to him before is good for nothing since. In order. */
  readonly ends: readonly number[]
  /** From when to when he was not active, or not there. In order. */
  readonly absences: readonly Absence[]
}
type Absence = readonly [from: number, to: number]

/** A change of role moves sessions and ends none. */
const MOVES = 'role'
// Entries have the database's time, clients that of the rig: over an hour they differed by less than 2 ms.
const CLOCKS_MS = 50
/**
 * How long ago a user may have been activated whom a node still refuses as inactive: the look-up that told it so may have
 * been on its way. Nodes that answered from memory read the log at once, and each 500 ms where they had not heard of it.
 */
const READS_WITHIN_MS = 1_000

/**
 * The rights of all users by id. The log is what is true: a change whose answer was lost, or that was asked for again, may
 * be committed long after whoever asked for it has undone it.
 */
export const rightsOf = (
  log: readonly DumpedEntry[],
  startedAt: number,
): ReadonlyMap<string, Rights> => {
  const entries = new Map<string, DumpedEntry[]>()
  for (const entry of log) {
    if (entry.name !== 'user:changed' && entry.name !== 'session:ended') continue
    const userId = String(entry.payload['userId'])
    const own = entries.get(userId)
    if (own === undefined) entries.set(userId, [entry])
    else own.push(entry)
  }
  return new Map(
    [...entries].map(([userId, own]) => {
      const ends = own.filter(endsRight).map(({ at }) => at - startedAt)
      return [userId, { ends, absences: absencesOf(own, startedAt) }]
    }),
  )
}

const endsRight = ({ name, payload }: DumpedEntry): boolean =>
  name === 'session:ended' || (typeof payload['ended'] === 'string' && payload['ended'] !== MOVES)

const absencesOf = (entries: readonly DumpedEntry[], startedAt: number): Absence[] => {
  const absences: Absence[] = []
  let since: number | undefined
  for (const { name, payload, at } of entries) {
    if (name !== 'user:changed') continue
    const isActive = payload['isActive'] === true
    if (!isActive) since ??= at - startedAt
    else if (since !== undefined) {
      absences.push([since, at - startedAt])
      since = undefined
    }
  }
  return since === undefined ? absences : [...absences, [since, Number.POSITIVE_INFINITY]]
}

/** Whether by `t` a right had ended that what was given to the user at `since` stood on, or he was away then. */
export const hadEnded = ({ ends, absences }: Rights, since: number, t: number): boolean =>
  ends.some((at) => at <= t + CLOCKS_MS && since < at + CLOCKS_MS) ||
  absences.some(([from, to]) => from <= t + CLOCKS_MS && t <= to + CLOCKS_MS)

/** How long before `t` the user came back, where a node may not know it yet; undefined where it must, or he was not away. */
export const backSince = ({ absences }: Rights, t: number): number | undefined => {
  const last = absences.findLast(([, to]) => to <= t)
  if (last === undefined) return undefined
  const ms = t - last[1]
  return ms <= READS_WITHIN_MS ? ms : undefined
}
