import type { Role, User } from '@uzima/contracts'

/** Columns of `users` that the API shows; to be read as `UserRow`. */
export const USER_COLUMNS =
  'users.id, users.username, users.email, users.role, users.is_active, users.created_at'

export interface UserRow {
  readonly id: string
  readonly username: string
  readonly email: string
  readonly role: Role
  readonly is_active: boolean
  readonly created_at: Date
}

/** A user as the API answers it. */
export const toUser = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  email: row.email,
  role: row.role,
  isActive: row.is_active,
  createdAt: row.created_at.toISOString(),
})
