import type { Change, Entry, Facts, GrantFact } from './facts.js'
import { sees, type Feed } from './feeds.js'
import type { Act, Recording } from './recording.js'

/** What a user may see from a number on, as it follows from what was done. `at` in milliseconds since 1970. */
export interface State {
  readonly seq: number
  readonly at: number
  readonly roles: readonly string[]
  readonly isActive: boolean
}

export interface Rights {
  readonly states: readonly State[]
  readonly problems: readonly string[]
}

export const allows = (state: State | undefined, feed: Feed): boolean =>
  state?.isActive === true && sees(state.roles, feed)

/** Where `seq` is, or would be put, among members that are in order: how many are not after it. */
export const countUpTo = (members: readonly { readonly seq: number }[], seq: number): number => {
  let low = 0
  let high = members.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((members[middle]?.seq ?? 0) <= seq) low = middle + 1
    else high = middle
  }
  return low
}

export const stateAt = (states: readonly State[], seq: number): State | undefined =>
  states[countUpTo(states, seq) - 1]

/** From a number on, the user's own role or whether he is active. */
interface Base {
  readonly seq: number
  readonly role: string
  readonly isActive: boolean
}

/**
 * The rights of a history by what it committed: which numbers its acts had, whether each grant began and ended in its place
 * by the times of the entries, and whether the log tells of just that.
 */
export const rightsOf = (recording: Recording, facts: Facts): Rights => {
  const changes = facts.changes.get(recording.userId) ?? []
  const grants = facts.grants.get(recording.userId) ?? []
  const problems: string[] = []
  const bases = basesOf(recording, changes, problems)
  for (const grant of grants) checkGrant(grant, recording.acts, facts, problems)
  for (const { what, grantId } of recording.acts) {
    if (what === 'grant' && !grants.some(({ id }) => id === grantId)) {
      problems.push(`grant ${String(grantId)} was committed and is not there`)
    }
  }

  const timeOf = new Map(changes.map(({ seq, at }) => [seq, at]))
  const known = new Set(changes.map(({ seq }) => seq))
  for (const { id, begin, end } of grants) {
    for (const seq of [begin, end]) {
      if (seq !== undefined && !known.has(seq)) {
        problems.push(`the log does not tell at ${String(seq)} of an edge of grant ${id}`)
      }
    }
  }
  const states = changes.map(({ seq, at, actor, roles, isActive }): State => {
    // What is due in a commit is told before what that commit does, and with the user's row as the commit leaves it.
    const base =
      actor === 'time'
        ? bases.findLast((one) => one.seq <= seq || timeOf.get(one.seq) === at)
        : bases[countUpTo(bases, seq) - 1]
    const inForce = grants.filter(
      ({ begin, end }) => begin !== undefined && begin <= seq && (end === undefined || end > seq),
    )
    const expected = [...new Set([base?.role ?? '', ...inForce.map(({ role }) => role)])].sort()
    if (roles.join() !== expected.join() || isActive !== base?.isActive) {
      problems.push(
        `at ${String(seq)} the log says ${roles.join('+')}, active ${String(isActive)}; it is ${expected.join('+')}, active ${String(base?.isActive)}`,
      )
    }
    return { seq, at: at / 1_000, roles: expected, isActive: base?.isActive ?? false }
  })
  return { states, problems }
}

const basesOf = (
  { baseRole, acts }: Recording,
  changes: readonly Change[],
  problems: string[],
): Base[] => {
  const bases: Base[] = [{ seq: changes[0]?.seq ?? 0, role: baseRole, isActive: true }]
  for (const { what, role, isActive, after, until } of acts) {
    if (what !== 'role' && what !== 'active') continue
    const before = bases.at(-1)
    if (before === undefined) continue
    const wanted = { role: role ?? before.role, isActive: isActive ?? before.isActive }
    if (wanted.role === before.role && wanted.isActive === before.isActive) continue
    const own = changes.filter(({ seq, actor }) => seq > after && seq <= until && actor !== 'time')
    if (own.length !== 1) {
      problems.push(
        `${what} was committed in (${String(after)}, ${String(until)}], the log tells of ${String(own.length)} changes there`,
      )
    }
    bases.push({ seq: own[0]?.seq ?? until, ...wanted })
  }
  return bases
}

const checkGrant = (
  grant: GrantFact,
  acts: readonly Act[],
  { entries, times, lastAt }: Facts,
  problems: string[],
): void => {
  const own = acts.filter(({ grantId }) => grantId === grant.id)
  const made = own.find(({ what }) => what === 'grant')
  const say = (what: string): void => {
    problems.push(`grant ${grant.id} (${grant.role}): ${what}`)
  }
  if (made === undefined) {
    say('nobody made it')
    return
  }
  const shortened = own.findLast(({ what }) => what === 'shorten')
  const revoked = own.find(({ what }) => what === 'revoke')
  if (made.role !== grant.role || made.from !== grant.from) say('it is not as it was made')
  if ((shortened?.end ?? made.end) !== grant.until) say('it does not end as was told')

  const { begin, end } = grant
  if (begin !== undefined) {
    if (begin <= made.after) say(`it began at ${String(begin)}, before it was made`)
    checkPlace(entries, begin, grant.from, made.until, 'began', say)
  } else if (
    grant.from <= lastAt &&
    !grant.isRevoked &&
    shortened === undefined &&
    // One that is over when it is committed is never in force.
    (times[countUpTo(times, made.until) - 1]?.at ?? 0) < grant.until
  ) {
    say('it never began')
  }
  if (end !== undefined && grant.endBy === 'end') {
    // It may have ended while somebody was about to set another end.
    const wasOver = shortened !== undefined && end <= shortened.until
    const time = wasOver ? Math.min(made.end ?? grant.until, grant.until) : grant.until
    checkPlace(entries, end, time, (shortened ?? made).until, 'ended', say)
  }
  if (begin !== undefined && end === undefined && (grant.until <= lastAt || grant.isRevoked)) {
    say('it has not ended')
  }
  if (revoked !== undefined) {
    if (begin !== undefined && begin > revoked.until) say('it began after it was revoked')
    if (begin !== undefined && (end ?? Number.POSITIVE_INFINITY) > revoked.until) {
      say(`it was revoked by ${String(revoked.until)} and ended at ${String(end)}`)
    }
  }
}

/**
 * No entry of stock before the edge, and after the commit that set its time, is from that time or later; the first one behind it is
 * not from before.
 */
const checkPlace = (
  entries: readonly Entry[],
  edge: number,
  time: number,
  setBy: number,
  what: string,
  say: (what: string) => void,
): void => {
  const index = countUpTo(entries, edge)
  const before = entries[index - 1]
  const behind = entries[index]
  if (before !== undefined && before.seq > setBy && before.at >= time) {
    say(`it ${what} at ${String(edge)}, but ${String(before.seq)} is from its time or later`)
  }
  if (behind !== undefined && behind.at < time) {
    say(`it ${what} at ${String(edge)}, but ${String(behind.seq)} is from before its time`)
  }
}
