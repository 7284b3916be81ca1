import type { Admission } from '../auth/admission.js'
import { isOurFault, toAppError } from '../errors/app-error.js'
import type { RealtimeSocket } from '../middleware/socket-types.js'
import type { AttemptLog } from './attempt-log.js'
import { forgetRequest } from './connection.js'
import { createDispatch, type EventHandler } from './dispatch.js'
import type { Feature } from './feature.js'
import { isoTime } from './expiry.js'
import type { Starter } from './resume.js'
import { createSession, type Session } from './session.js'
import type { Sessions } from './sessions.js'

export interface OpeningDeps {
  readonly admission: Admission
  readonly attempts: Pick<AttemptLog, 'accepted' | 'refused' | 'aborted'>
  readonly sessions: Sessions
  readonly starter: Starter
  readonly features: readonly Feature[]
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly keepsRequests: boolean
  readonly onClosed: (session: Session, code: string) => void
  readonly onFailed: (what: string, error: unknown) => void
}

/** Makes the handler of sockets that the middleware has admitted: the last check, the session, the start of its events. */
export const createOpening = (deps: OpeningDeps): ((socket: RealtimeSocket) => void) => {
  const { admission, attempts, sessions, starter } = deps
  const serveEvents = createDispatch({
    handlers: new Map<unknown, EventHandler>([
      ['auth:refresh', (session, payload) => session.refresh(payload)],
      ...deps.features.flatMap(({ handlers = {} }) => Object.entries(handlers)),
    ]),
    sessionOf: ({ id }) => sessions.bySocketId(id),
    onFailed: deps.onFailed,
  })

  /** From the last look at the verdict to the session's place in the registry there is no `await`: nothing slips by. */
  const open = async (socket: RealtimeSocket): Promise<void> => {
    socket.data.onOpened()
    serveEvents(socket)
    while (!admission.isCurrent(socket.data.principal)) {
      socket.data.principal = await admission.admit(socket.data.principal.claims)
      if (socket.disconnected) {
        attempts.aborted(socket, socket.data.facts)
        socket.conn.close()
        return
      }
    }
    const session = createSession(socket, {
      admission,
      now: deps.now,
      logSeq: starter.seq,
      onRoles: sessions.setRoles,
      onClosed: deps.onClosed,
    })
    sessions.add(session)
    attempts.accepted(socket)
    if (!deps.keepsRequests) forgetRequest(socket)
    await begin(session)
  }

  const begin = async (session: Session): Promise<void> => {
    const { socket } = session
    await starter.catchUp(session, socket.data.claimedPosition)
    if (!session.isOpen()) return
    const start = starter.plan(socket.data.claimedPosition)
    const { user, claims } = session.principal()
    socket.emit('connected', {
      message: `Connected as ${user.username}`,
      userId: user.id,
      username: user.username,
      role: user.role,
      roles: [...user.roles],
      sessionExpiresAt: isoTime(claims.expiresAt),
      position: start.position,
      resumed: start.resumed,
    })
    if (start.reset !== undefined) socket.emit('log:reset', start.reset)
    await starter.begin(session, start)
    if (session.isLive()) for (const { onLive } of deps.features) onLive?.(session)
  }

  return (socket) => {
    open(socket).catch((failure: unknown) => {
      const error = toAppError(failure)
      attempts.refused(socket, socket.data.facts, error)
      socket.conn.close(true)
      if (isOurFault(error)) deps.onFailed('opening of a session', error)
    })
  }
}
