export const ROLES = [
  'admin',
  'inventory_manager',
  'pharmacist',
  'doctor',
  'educator',
  'patient',
] as const

export type Role = (typeof ROLES)[number]

/** What somebody may take by himself in an emergency: never the rights of an administrator, who reviews it. */
export const EMERGENCY_ROLES = ROLES.filter((role) => role !== 'admin')

/** Who may do what over REST. One table: routes ask for a permission, never for a role. */
export const PERMISSIONS = {
  'stock:read': ['admin', 'inventory_manager', 'pharmacist', 'doctor', 'educator'],
  'stock:move': ['admin', 'inventory_manager', 'pharmacist'],
  'items:write': ['admin', 'inventory_manager'],
  'users:manage': ['admin'],
  'connections:manage': ['admin'],
  'messages:send': ['admin'],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof PERMISSIONS

export const roleAllows = (role: Role, permission: Permission): boolean =>
  (PERMISSIONS[permission] as readonly Role[]).includes(role)

/** Whether somebody with all of `roles` may do it: one that allows it is enough. */
export const rolesAllow = (roles: readonly Role[], permission: Permission): boolean =>
  roles.some((role) => roleAllows(role, permission))
