import type { Role } from '@uzima/contracts'

/** Whose connection, stock and movements they are. */
export interface ConnectedUser {
  readonly userId: string
  readonly username: string
  readonly role: Role
}
