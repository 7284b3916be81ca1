import { roleAllows, type ExplainReason, type Role } from '@uzima/contracts'
import { mayReceive, type Feeds } from '../log/audience.js'
import { isPublicName } from '../log/entry.js'
import type { EntryHeader, GrantInForce, RightChange, Rights } from './records.js'

/** Whether an entry was for somebody: null where the record does not tell. */
export interface Ruling {
  readonly allowed: boolean | null
  readonly reason: ExplainReason
  /** Roles of his that the entry is for. */
  readonly roles: readonly Role[]
}

/** The last change up to `seq`: his rights at that number. */
export const changeAt = ({ changes }: Rights, seq: number): RightChange | undefined => {
  let low = 0
  let high = changes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((changes[middle]?.seq ?? 0) <= seq) low = middle + 1
    else high = middle
  }
  return changes[low - 1]
}

/** Whether who has these rights receives `entry` from nodes with these settings, of which null are not on record. */
export const rule = (
  entry: Pick<EntryHeader, 'name' | 'audience'>,
  rights: Rights,
  change: RightChange | undefined,
  settings: readonly (Feeds | null)[],
  seq: number,
): Ruling => {
  if (!isPublicName(entry.name)) return refused('internal')
  if (change === undefined) {
    return seq < rights.completeFrom
      ? { allowed: null, reason: 'rights_unrecorded', roles: [] }
      : refused('no_account')
  }
  if (change.isDeleted) return refused('deleted')
  if (!change.isActive) return refused('inactive')
  const { userId } = rights
  const roles = change.roles.filter((role) =>
    settings.some(
      (feeds) =>
        feeds !== null && mayReceive(entry.audience, { userId, role, roles: [role] }, feeds),
    ),
  )
  if (roles.length > 0) return { allowed: true, reason: 'live', roles }
  const isTold = settings.length > 0 && !settings.includes(null)
  return isTold ? refused('role') : { allowed: null, reason: 'rules_unrecorded', roles: [] }
}

const refused = (reason: ExplainReason): Ruling => ({ allowed: false, reason, roles: [] })

/** One ruling where all agree, else that the record does not tell. */
export const agreed = (rulings: readonly Ruling[]): Ruling => {
  const [first = refused('no_account')] = rulings
  return rulings.every(({ allowed }) => allowed === first.allowed)
    ? first
    : { allowed: null, reason: 'rights_moved', roles: [] }
}

export interface HeldRole {
  readonly role: Role
  readonly since: Date
  readonly until: Date | undefined
  readonly by: string | null
  readonly grant: GrantInForce | undefined
}

/** The roles that he had at `seq`, each since when and until when. */
export const rolesAt = (rights: Rights, seq: number): HeldRole[] => {
  const now = changeAt(rights, seq)
  if (now === undefined) return []
  return rolesOf(now).map((role) => {
    const { changes } = rights
    const at = changes.indexOf(now)
    let first = at
    while (first > 0 && rolesOf(changes[first - 1]).includes(role)) first -= 1
    const began = changes[first] ?? now
    const ended = changes.slice(at + 1).find((change) => !rolesOf(change).includes(role))
    const grant = role === now.role ? undefined : now.grants.findLast((one) => one.role === role)
    const planned = grant === undefined ? undefined : new Date(grant.until)
    return {
      role,
      since: began.at,
      until: ended?.at ?? planned,
      by: grant?.by ?? began.actor,
      grant,
    }
  })
}

const rolesOf = (change: RightChange | undefined): readonly Role[] =>
  change?.isActive === true && !change.isDeleted ? change.roles : []

/** Whether these rights let one read stock over REST. */
export const mayRead = (change: RightChange): boolean =>
  rolesOf(change).some((role) => roleAllows(role, 'stock:read'))
