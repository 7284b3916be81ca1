import type { Role } from '@uzima/contracts'

/** Which roles receive the two feeds of stock; `*` is everybody who is signed in. */
export interface Feeds {
  readonly inventoryUpdateRoles: '*' | readonly Role[]
  readonly lowStockRoles: '*' | readonly Role[]
}

export interface Viewer {
  readonly userId: string
  readonly role: Role
}

/** What an entry of the log is addressed to. */
export type Audience = 'stock' | 'alerts'

const includesRole = (roles: '*' | readonly Role[], role: Role): boolean =>
  roles === '*' || roles.includes(role)

/** The feeds that a role receives. */
export const audiencesOf = (role: Role, feeds: Feeds): Audience[] => [
  ...(includesRole(feeds.inventoryUpdateRoles, role) ? (['stock'] as const) : []),
  ...(includesRole(feeds.lowStockRoles, role) ? (['alerts'] as const) : []),
]

/** Whether `viewer` may see an entry for `audience`: one rule for live delivery, replay and REST. */
export const mayReceive = (audience: string, viewer: Viewer, feeds: Feeds): boolean =>
  audience === `user:${viewer.userId}` ||
  (audiencesOf(viewer.role, feeds) as string[]).includes(audience)
