import type { Admission } from '../auth/admission.js'
import { toAppError } from '../errors/app-error.js'
import type { EventLog } from '../log/event-log.js'
import type { Tail } from '../log/tail.js'
import type { AttemptLog } from './attempt-log.js'
import { guardEvents } from './event-guard.js'
import { isoTime } from './expiry.js'
import type { Sending } from './frames.js'
import { isAhead, planStart, replay } from './resume.js'
import { createSession, type Session } from './session.js'
import type { Sessions } from './sessions.js'
import type { RealtimeSocket } from './socket-types.js'

/** The log that drives the sockets; a back end without one has ad-hoc messages only. */
export interface HubLog {
  readonly tail: Tail
  readonly eventLog: EventLog
}

export interface OpeningDeps {
  readonly admission: Admission
  readonly attempts: Pick<AttemptLog, 'accepted' | 'refused' | 'aborted'>
  readonly sessions: Sessions
  readonly log: HubLog | undefined
  readonly sending: Sending
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onClosed: (session: Session, code: string) => void
  readonly onFailed: (what: string, error: unknown) => void
}

/** Makes the handler of sockets that the middleware has admitted: the last check, the session, the start of its events. */
export const createOpening = (deps: OpeningDeps): ((socket: RealtimeSocket) => void) => {
  const { admission, attempts, sessions, log, sending } = deps

  /** From the last look at the verdict to the session's place in the registry there is no `await`: nothing slips by. */
  const open = async (socket: RealtimeSocket): Promise<void> => {
    socket.data.isOpened = true
    guardEvents(socket)
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
      logSeq: () => log?.tail.position().seq ?? 0,
      onClosed: deps.onClosed,
    })
    sessions.add(session)
    attempts.accepted(socket)
    await begin(session)
  }

  const begin = async (session: Session): Promise<void> => {
    const { socket } = session
    if (log !== undefined && isAhead(socket.data.claimedPosition, log.tail)) {
      await log.tail.catchUp()
      if (!session.isOpen()) return
    }
    const start = log && planStart(socket.data.claimedPosition, log.tail)
    const { user, claims } = session.principal()
    socket.emit('connected', {
      message: `Connected as ${user.username}`,
      userId: user.id,
      username: user.username,
      role: user.role,
      sessionExpiresAt: isoTime(claims.expiresAt),
      position: start?.position ?? null,
      resumed: start?.resumed ?? false,
    })
    if (start?.reset !== undefined) socket.emit('log:reset', start.reset)
    if (log === undefined || start?.resumed !== true) session.goLive()
    else await replay(session, start.position, { ...log, sending })
  }

  return (socket) => {
    open(socket).catch((failure: unknown) => {
      const error = toAppError(failure)
      attempts.refused(socket, socket.data.facts, error)
      socket.conn.close(true)
      if (error.code === 'INTERNAL') deps.onFailed('opening of a session', error)
    })
  }
}
