import type { CreateGrant, CreateUser, Grant, Role, User } from '@uzima/contracts'
import type { SignedToken } from '../auth/access-token.js'

/** Users as the command line manages them. `user` is a user name or an id; an unknown one throws. */
export interface UserAdmin {
  readonly list: () => Promise<readonly User[]>
  readonly find: (user: string) => Promise<User>
  readonly add: (user: CreateUser) => Promise<User>
  readonly setRole: (user: string, role: Role) => Promise<User>
  readonly deactivate: (user: string) => Promise<User>
  /** Ends all sessions; resolves to the number in the log that says so. */
  readonly revoke: (user: string) => Promise<{ readonly seq: number }>
  /** Roles for a time: past, present and coming. */
  readonly grants: (user: string) => Promise<readonly Grant[]>
  readonly grant: (user: string, grant: CreateGrant) => Promise<Grant>
  /** Ends a grant now, or takes it back before it begins. */
  readonly endGrant: (id: string) => Promise<Grant>
  /** An access token of the user, signed with the key of this machine. */
  readonly tokenFor: (user: string) => Promise<SignedToken>
}
