import { roleAllows, type Role } from '@uzima/contracts'

/** Which roles receive the feeds of stock and its alerts; `*` is everybody who is signed in. */
export interface Feeds {
  readonly inventoryUpdateRoles: '*' | readonly Role[]
  readonly lowStockRoles: '*' | readonly Role[]
  /** Who receives an alert as well, once nobody has acknowledged it in time. */
  readonly alertEscalateTo: readonly Role[]
}

export interface Viewer {
  readonly userId: string
  /** The user's own role. */
  readonly role: Role
  /** All that he may act as now: his own role and what is granted to him for a time, sorted. */
  readonly roles: readonly Role[]
}

/**
 * What an entry of the log is addressed to. `alerts` are the announcements of low stock, `alert` and `alert_escalated` the
 * alerts that somebody has to act on, before and after their escalation. `access` is who looks after users: emergencies.
 */
export type Audience = 'stock' | 'alerts' | 'alert' | 'alert_escalated' | 'access'

const includesRole = (roles: '*' | readonly Role[], role: Role): boolean =>
  roles === '*' || roles.includes(role)

/** The feeds of somebody with all of `roles`: what any of them receives. */
export const audiencesOf = (roles: readonly Role[], feeds: Feeds): Audience[] => [
  ...new Set(roles.flatMap((role) => audiencesOfRole(role, feeds))),
]

const audiencesOfRole = (role: Role, feeds: Feeds): Audience[] => {
  const hearsOfLowStock = includesRole(feeds.lowStockRoles, role)
  // An alert is for who can act: `*` means everybody on the staff here.
  const maySeeAlerts = roleAllows(role, 'stock:read')
  return [
    ...(includesRole(feeds.inventoryUpdateRoles, role) ? (['stock'] as const) : []),
    ...(hearsOfLowStock ? (['alerts'] as const) : []),
    ...(maySeeAlerts && hearsOfLowStock ? (['alert'] as const) : []),
    ...(maySeeAlerts && (hearsOfLowStock || feeds.alertEscalateTo.includes(role))
      ? (['alert_escalated'] as const)
      : []),
    ...(roleAllows(role, 'users:manage') ? (['access'] as const) : []),
  ]
}

/** Whether `viewer` may see an entry for `audience`: one rule for live delivery, replay and REST. */
export const mayReceive = (audience: string, viewer: Viewer, feeds: Feeds): boolean =>
  audience === `user:${viewer.userId}` ||
  (audiencesOf(viewer.roles, feeds) as string[]).includes(audience)
