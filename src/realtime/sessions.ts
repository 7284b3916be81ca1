import type { ErrorCode, Role } from '@uzima/contracts'
import { userOf } from '../auth/authorize.js'
import type { SessionEnded, UserChanged } from '../log/entry.js'
import type { Connection } from './connection.js'
import type { Session } from './session.js'

/** The open sessions of this node. */
export interface Sessions {
  readonly add: (session: Session) => void
  readonly remove: (session: Session) => void
  /** Takes note of the role of a live session; of that before, where it had one. */
  readonly setRole: (session: Session, before?: Role) => void
  readonly all: () => Iterable<Session>
  /** Live sessions by the role that they have now. */
  readonly liveByRole: ReadonlyMap<Role, ReadonlySet<Session>>
  readonly bySocketId: (socketId: string) => Session | undefined
  readonly byConnection: (connection: Connection) => Session | undefined
  readonly size: () => number
  /** Closes the sessions whose right ends with the entry. */
  readonly end: (entry: UserChanged | SessionEnded) => Ending
  /** Moves the sessions of the user to the rooms of his role; returns how many were moved. */
  readonly move: (entry: UserChanged) => number
  readonly closeAll: (code: ErrorCode, options?: () => { readonly retryAfterMs?: number }) => void
}

/** The sessions that an entry has closed. */
export interface Ending {
  readonly closed: number
  /** Resolves when nothing more can reach their clients. */
  readonly ended: Promise<unknown>
}

export const createSessions = (): Sessions => {
  const bySocketId = new Map<string, Session>()
  const byConnection = new Map<Connection, Session>()
  const liveByRole = new Map<Role, Set<Session>>()
  /** One alone without a set around it: most users have one. */
  const byUserId = new Map<string, Session | Set<Session>>()

  /** A copy: a session that ends takes itself out of the set. */
  const concernedBy = ({ payload: { userId } }: UserChanged | SessionEnded): Session[] => {
    const own = byUserId.get(userId)
    if (own === undefined) return []
    return own instanceof Set ? [...own] : [own]
  }

  return {
    add(session) {
      bySocketId.set(session.socket.id, session)
      byConnection.set(session.socket.conn, session)
      const { id } = session.principal().user
      const own = byUserId.get(id)
      if (own === undefined) byUserId.set(id, session)
      else if (own instanceof Set) own.add(session)
      else byUserId.set(id, new Set([own, session]))
    },
    setRole(session, before) {
      if (before !== undefined) liveByRole.get(before)?.delete(session)
      const { role } = session.viewer()
      const live = liveByRole.get(role) ?? new Set()
      liveByRole.set(role, live.add(session))
    },
    remove(session) {
      liveByRole.get(session.viewer().role)?.delete(session)
      bySocketId.delete(session.socket.id)
      byConnection.delete(session.socket.conn)
      const { id } = session.principal().user
      const own = byUserId.get(id)
      if (own instanceof Set) own.delete(session)
      if (own === session || (own instanceof Set && own.size === 0)) byUserId.delete(id)
    },
    all: () => bySocketId.values(),
    liveByRole,
    bySocketId: (socketId) => bySocketId.get(socketId),
    byConnection: (connection) => byConnection.get(connection),
    size: () => bySocketId.size,
    end(entry) {
      const endings: Promise<void>[] = []
      for (const session of concernedBy(entry)) {
        if (entry.name === 'user:changed') session.endUnlessEntitled(userOf(entry))
        else if (session.principal().claims.sessionId === entry.payload.sessionId) {
          session.close('AUTH_SESSION_REVOKED')
        }
        if (!session.isOpen()) endings.push(session.ended())
      }
      return { closed: endings.length, ended: Promise.all(endings) }
    },
    move(entry) {
      let moved = 0
      for (const session of concernedBy(entry)) {
        const { role } = session.viewer()
        session.userChanged(userOf(entry), entry.seq)
        if (session.viewer().role !== role) moved += 1
      }
      return moved
    },
    closeAll(code, options) {
      for (const session of [...bySocketId.values()]) session.close(code, options?.())
    },
  }
}
