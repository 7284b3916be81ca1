import type { IncomingMessage } from 'node:http'
import type { AttemptOutcome } from '@uzima/contracts'
import type { ConnectionLog } from '../audit/connection-log.js'
import { countsAsFailure, type AuthFailures } from '../auth/failure-limit.js'
import { AppError } from '../errors/app-error.js'
import type { ClientAddress } from '../middleware/client-address.js'
import type { Attempt, AttemptFacts, RealtimeSocket } from '../middleware/socket-types.js'

/** Puts every attempt, accepted or not, and every close on record. */
export interface AttemptLog {
  /** Throws where the attempt is not to be looked at: too many failures from the address, or no room on record. */
  readonly mayTry: (facts: AttemptFacts) => void
  readonly accepted: (socket: RealtimeSocket) => void
  readonly refused: (attempt: Attempt, facts: AttemptFacts, error: AppError) => void
  readonly aborted: (attempt: Attempt, facts: AttemptFacts) => void
  readonly closed: (socket: RealtimeSocket, code: string) => void
  readonly originRefused: (request: IncomingMessage) => void
}

export const createAttemptLog = (deps: {
  /** At its bound nobody is admitted: nobody is admitted unlogged. */
  readonly sink: Pick<ConnectionLog, 'record' | 'canAdmit'>
  /** Counts failed attempts per address. */
  readonly failures: Pick<AuthFailures, 'check' | 'fail'>
  readonly clientAddress: ClientAddress
  /** Milliseconds since 1970. */
  readonly now: () => number
}): AttemptLog => {
  const record = (
    outcome: AttemptOutcome,
    code: string | null,
    { id, conn, data }: Attempt,
    facts: AttemptFacts,
  ): void => {
    deps.sink.record({
      at: new Date(deps.now()),
      outcome,
      code,
      userId: data.claimedUserId ?? null,
      ip: facts.ip,
      userAgent: facts.userAgent,
      origin: facts.origin,
      transport: conn.transport.name,
      socketId: id,
    })
  }

  return {
    mayTry({ ip }) {
      const retryAfterMs = deps.failures.check(ip)
      if (retryAfterMs !== undefined) throw new AppError('RATE_LIMITED', { retryAfterMs })
      if (!deps.sink.canAdmit()) {
        throw new AppError('SERVER_UNAVAILABLE', { detail: 'The connection log is full.' })
      }
    },
    accepted(socket) {
      record('accepted', null, socket, socket.data.facts)
    },
    refused(attempt, facts, error) {
      if (countsAsFailure(error.code)) deps.failures.fail(facts.ip)
      record('refused', error.code, attempt, facts)
    },
    aborted(attempt, facts) {
      record('aborted', 'CLIENT_GONE', attempt, facts)
    },
    closed(socket, code) {
      record('closed', code, socket, socket.data.facts)
    },
    originRefused(request) {
      deps.sink.record({
        at: new Date(deps.now()),
        outcome: 'refused',
        code: 'ORIGIN_REFUSED',
        userId: null,
        ip: deps.clientAddress(request),
        userAgent: request.headers['user-agent'] ?? null,
        origin: request.headers.origin ?? null,
        transport: null,
        socketId: null,
      })
    },
  }
}
