import type { Admission } from '../auth/admission.js'
import { isOurFault, toAppError } from '../errors/app-error.js'
import type { RealtimeSocket } from '../middleware/socket-types.js'
import type { AttemptLog } from './attempt-log.js'
import { createDispatch } from './dispatch.js'
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
  readonly onClosed: (session: Session, code: string) => void
  readonly onFailed: (what: string, error: unknown) => void
}

/** Makes the handler of sockets that the middleware has admitted: the last check, the session, the start of its events. */
export const createOpening = (deps: OpeningDeps): ((socket: RealtimeSocket) => void) => {
  const { admission, attempts, sessions, starter } = deps

  /** From the last look at the verdict to the session's place in the registry there is no `await`: nothing slips by. */
  const open = async (socket: RealtimeSocket): Promise<void> => {
    socket.data.isOpened = true
    const events = createDispatch(socket, deps.onFailed)
    socket.once('disconnect', () => {
      // Whoever leaves the session and keeps the connection would no longer be under any limit.
      socket.conn.close()
    })
    while (!admission.isCurrent(socket.data.principal)) {
      socket.data.principal = await admission.admit(socket.data.principal.claims)
      if (socket.disconnected) {
        attempts.aborted(socket, socket.data.facts)
        return
      }
    }
    const session = createSession(socket, {
      admission,
      now: deps.now,
      logSeq: starter.seq,
      onClosed: deps.onClosed,
    })
    sessions.add(session)
    events.handle('auth:refresh', session.refresh)
    for (const { handlers } of deps.features) {
      for (const [event, handler] of Object.entries(handlers ?? {})) {
        events.handle(event, async (payload) => handler(session, payload))
      }
    }
    attempts.accepted(socket)
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
