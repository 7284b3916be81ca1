import { useConnection } from '@uzima/client/react'
import { rolesAllow, type Permission, type Role } from '@uzima/contracts/values'
import { createContext, use, useSyncExternalStore } from 'react'
import type { Session, SessionState } from './session.js'

export const SessionContext = createContext<Session | null>(null)

/** Gives the page's session; only below `SessionContext`. */
export const useSession = (): Session => {
  const session = use(SessionContext)
  if (session === null) throw new TypeError('useSession needs a SessionContext above it')
  return session
}

export const useSessionState = (): SessionState => {
  const session = useSession()
  return useSyncExternalStore(session.subscribe, session.get)
}

export interface SignedInUser {
  readonly userId: string
  readonly username: string
  readonly role: Role
  /** All that the person may act as now. */
  readonly roles: readonly Role[]
}

/** Gives who is signed in, with the roles of now: an administrator may have changed them since, and one for a time ends. */
export const useUser = (): SignedInUser => {
  const { user: connected } = useConnection()
  const { user } = useSessionState()
  if (connected !== null) return connected
  if (user === null) throw new TypeError('useUser needs somebody signed in')
  return { userId: user.id, username: user.username, role: user.role, roles: [user.role] }
}

/** Whether the person signed in may do it, by the roles of now. */
export const useMay = (permission: Permission): boolean => rolesAllow(useUser().roles, permission)
