/** The personal room of a user. */
export const userRoom = (userId: string): string => `user_${userId}`

/** The room of everybody who has the role now. */
export const roleRoom = (role: string): string => `role_${role}`

// The service's own: a space is in no user id, role or name that a caller may send to.
/** Every session that has passed all checks and its replay. */
export const LIVE_ROOM = 'uzima live'
