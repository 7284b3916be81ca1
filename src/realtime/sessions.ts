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
  readonly countOf: (userId: string) => number
  readonly size: () => number
  /** Applies a `user:changed` or `session:ended` of the log to the sessions it concerns; they are of one user. */
  readonly apply: (entry: LogEntry) => Applied
}

/** What became of the sessions that an entry concerned. */
export interface Applied {
  readonly closed: number
  /** Went on, in the rooms of another role. */
  readonly moved: number
  /** Resolves when nothing more can reach the clients of those that were closed. */
  readonly ended: Promise<unknown>
}

export const createSessions = (): Sessions => {
  const bySocketId = new Map<string, Session>()
  const byUserId = new Map<string, Set<Session>>()

  const apply = (entry: LogEntry): Applied => {
    const userId = entry.payload['userId']
    let moved = 0
    const endings: Promise<void>[] = []
    // A copy: a session that ends takes itself out of the set.
    const concerned = typeof userId === 'string' ? [...(byUserId.get(userId) ?? [])] : []
    for (const session of concerned) {
      const { role } = session.viewer()
      if (entry.name === 'session:ended') {
        const ended = entry.payload['sessionId']
        if (session.principal().claims.sessionId === ended) session.close('AUTH_SESSION_REVOKED')
      } else {
        session.userChanged(userOf(entry), entry)
      }
      if (!session.isOpen()) endings.push(session.ended())
      else if (session.viewer().role !== role) moved += 1
    }
    return { closed: endings.length, moved, ended: Promise.all(endings) }
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
    countOf: (userId) => byUserId.get(userId)?.size ?? 0,
    size: () => bySocketId.size,
    apply,
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
