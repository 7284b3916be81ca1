import type { Role } from '@uzima/contracts'

/** Whose connection, stock and movements they are. */
export interface ConnectedUser {
  readonly userId: string
  readonly username: string
  /** The user's own role. */
  readonly role: Role
  /** All that he may act as now: `role` and what is granted to him for a time, sorted. */
  readonly roles: readonly Role[]
}

/** The roles of somebody of whom a server, or a store, of an older version has told the one role only. */
export const rolesOf = ({
  role,
  roles,
}: {
  readonly role: Role
  readonly roles?: readonly Role[]
}): readonly Role[] => roles ?? [role]
