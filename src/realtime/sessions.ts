import type { ErrorCode, Role } from '@uzima/contracts'
import { userOf } from '../auth/authorize.js'
import type { Viewer } from '../log/audience.js'
import type { SessionEnded, UserChanged } from '../log/entry.js'
import type { Connection } from './connection.js'
import type { Session } from './session.js'

/** The open sessions of this node. */
export interface Sessions {
  readonly add: (session: Session) => void
  readonly remove: (session: Session) => void
  /** Takes note of the roles of a live session; `before` is what it was, where it was live already. */
  readonly setRoles: (session: Session, before?: Viewer) => void
  readonly all: () => Iterable<Session>
  /** Live sessions that have the same roles now, once each, whatever the roles have in common. */
  readonly liveByRoles: () => Iterable<Peers>
  readonly bySocketId: (socketId: string) => Session | undefined
  readonly byConnection: (connection: Connection) => Session | undefined
  readonly size: () => number
  /** Closes the sessions whose right ends with the entry. */
  readonly end: (entry: UserChanged | SessionEnded) => Ending
  /** Moves the sessions of the user to the rooms of his roles; returns how many were moved. */
  readonly move: (entry: UserChanged) => number
  readonly closeAll: (code: ErrorCode, options?: () => { readonly retryAfterMs?: number }) => void
}

/** Sessions with the same rights. */
export interface Peers {
  readonly roles: readonly Role[]
  readonly live: ReadonlySet<Session>
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
  const peers = new Map<string, { readonly roles: readonly Role[]; readonly live: Set<Session> }>()
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
    setRoles(session, before) {
      if (before !== undefined) peers.get(keyOf(before))?.live.delete(session)
      const key = keyOf(session.viewer())
      const own = peers.get(key) ?? { roles: session.viewer().roles, live: new Set() }
      own.live.add(session)
      peers.set(key, own)
    },
    remove(session) {
      peers.get(keyOf(session.viewer()))?.live.delete(session)
      bySocketId.delete(session.socket.id)
      byConnection.delete(session.socket.conn)
      const { id } = session.principal().user
      const own = byUserId.get(id)
      if (own instanceof Set) own.delete(session)
      if (own === session || (own instanceof Set && own.size === 0)) byUserId.delete(id)
    },
    all: () => bySocketId.values(),
    liveByRoles: () => peers.values(),
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
        const before = session.viewer()
        session.userChanged(userOf(entry), entry.seq)
        if (session.viewer() !== before) moved += 1
      }
      return moved
    },
    closeAll(code, options) {
      for (const session of [...bySocketId.values()]) session.close(code, options?.())
    },
  }
}

/** At most 64 of them: each set of roles that somebody has. */
const keyOf = ({ roles }: Viewer): string => roles.join()
