import type { AuthUser } from '../auth/authorize.js'
import type { LogEntry } from '../log/event-log.js'
import { roleSchema } from '@uzima/contracts'
import type { Session } from './session.js'

/** The open sessions of this node. */
export interface Sessions {
  readonly add: (session: Session) => void
  readonly remove: (session: Session) => void
  readonly all: () => Iterable<Session>
  readonly bySocketId: (socketId: string) => Session | undefined
  readonly size: () => number
  /** Closes the sessions whose right ends with a `user:changed` or `session:ended` of the log. */
  readonly end: (entry: LogEntry) => Ending
  /** Moves the sessions of the user of a `user:changed` to the rooms of his role; returns how many were moved. */
  readonly move: (entry: LogEntry) => number
}

/** The sessions that an entry has closed. */
export interface Ending {
  readonly closed: number
  /** Resolves when nothing more can reach their clients. */
  readonly ended: Promise<unknown>
}

export const createSessions = (): Sessions => {
  const bySocketId = new Map<string, Session>()
  const byUserId = new Map<string, Set<Session>>()

  /** A copy: a session that ends takes itself out of the set. */
  const concernedBy = ({ payload: { userId } }: LogEntry): Session[] =>
    typeof userId === 'string' ? [...(byUserId.get(userId) ?? [])] : []

  const end = (entry: LogEntry): Ending => {
    const endings: Promise<void>[] = []
    for (const session of concernedBy(entry)) {
      if (entry.name !== 'session:ended') session.endUnlessEntitled(userOf(entry))
      else if (session.principal().claims.sessionId === entry.payload['sessionId']) {
        session.close('AUTH_SESSION_REVOKED')
      }
      if (!session.isOpen()) endings.push(session.ended())
    }
    return { closed: endings.length, ended: Promise.all(endings) }
  }

  const move = (entry: LogEntry): number => {
    let moved = 0
    for (const session of concernedBy(entry)) {
      const { role } = session.viewer()
      session.userChanged(userOf(entry), entry)
      if (session.viewer().role !== role) moved += 1
    }
    return moved
  }

  return {
    add(session) {
      bySocketId.set(session.socket.id, session)
      const { id } = session.principal().user
      const own = byUserId.get(id) ?? new Set()
      byUserId.set(id, own.add(session))
    },
    remove(session) {
      bySocketId.delete(session.socket.id)
      const { id } = session.principal().user
      const own = byUserId.get(id)
      own?.delete(session)
      if (own?.size === 0) byUserId.delete(id)
    },
    all: () => bySocketId.values(),
    bySocketId: (socketId) => bySocketId.get(socketId),
    size: () => bySocketId.size,
    end,
    move,
  }
}

/** The user as the entry tells it; undefined where it was deleted. */
const userOf = ({ payload }: LogEntry): AuthUser | undefined => {
  const role = roleSchema.safeParse(payload['role'])
  const { userId, username, authVersion, tokensNotBefore } = payload
  if (
    payload['deleted'] === true ||
    !role.success ||
    typeof userId !== 'string' ||
    typeof username !== 'string' ||
    typeof authVersion !== 'number'
  ) {
    return undefined
  }
  return {
    id: userId,
    username,
    role: role.data,
    isActive: payload['isActive'] === true,
    authVersion,
    tokensNotBefore: typeof tokensNotBefore === 'string' ? Date.parse(tokensNotBefore) : null,
    endedSessionIds: [],
  }
}
