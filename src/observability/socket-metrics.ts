import {
  ERRORS,
  isErrorCode,
  ROLES,
  type AttemptOutcome,
  type ErrorCode,
  type Role,
} from '@uzima/contracts'
import type { Counter } from 'prom-client'
import type { MakeMetrics } from './make-metrics.js'

/** How somebody said who he is. */
export type AuthVia = 'socket' | 'request' | 'login' | 'refresh'

/** One open socket, as a scrape sees it. */
export interface SocketFigures {
  readonly role: Role
  readonly transport: string
  /** Bytes that wait in this process to be sent to it. */
  readonly queuedBytes: number
}

/** What a node tells of its sockets, of who came in, and of its link to the other nodes. */
export interface SocketMetrics {
  /** Replaces what was known of the open sockets; for `beforeScrape`. */
  readonly sawSockets: (sockets: Iterable<SocketFigures>) => void
  /** A handshake ended, or a socket; what was accepted or refused counts as an authentication, too. */
  readonly attempted: (outcome: AttemptOutcome, code: string | null) => void
  /** A token or password was looked at; null for accepted. */
  readonly authenticated: (via: AuthVia, code: ErrorCode | null) => void
  /** Ad-hoc messages that did not reach the other nodes because Redis was away, or came from them unreadable. */
  readonly adhocDropped: Counter<'direction'>
}

const TRANSPORTS = ['polling', 'websocket']
/** What ends sockets that did nothing forbidden tells of trouble: it is there before the first one, or that one is not seen. */
const CLOSED_FOR = Object.keys(ERRORS)
  .filter(isErrorCode)
  .filter((code) => ERRORS[code].comeBack === 'later')

export const createSocketMetrics = ({ gauge, counter }: MakeMetrics): SocketMetrics => {
  const connections = gauge('uzima_connections', 'Sockets on this node.', ['role', 'transport'])
  const queued = gauge(
    'uzima_queued_bytes',
    'Bytes that wait in this process for all sockets together.',
  )
  const queuedMost = gauge(
    'uzima_queued_bytes_max',
    'Bytes that wait in this process for the one socket for which most wait.',
  )
  const attempts = counter(
    'uzima_connection_attempts_total',
    'Connection attempts by what became of them. outcome="closed" are sockets that ended; code="SLOW_CONSUMER" those that were cut because they read too slowly.',
    ['outcome', 'code'],
  )
  const authentications = counter(
    'uzima_authentications_total',
    'Tokens and passwords that were looked at, by where they came: socket, request, login, refresh.',
    ['via', 'result', 'code'],
  )
  const adhocDropped = counter(
    'uzima_adhoc_dropped_total',
    'Ad-hoc messages that could not be handed to the other nodes (out) or not be read from them (in).',
    ['direction'],
  )
  for (const code of CLOSED_FOR) attempts.inc({ outcome: 'closed', code }, 0)
  for (const via of ['socket', 'request', 'login', 'refresh']) {
    authentications.inc({ via, result: 'accepted', code: 'none' }, 0)
  }
  for (const direction of ['out', 'in']) adhocDropped.inc({ direction }, 0)

  const authenticated = (via: AuthVia, code: string | null): void => {
    authentications.inc({ via, result: code === null ? 'accepted' : 'refused', code: known(code) })
  }

  return {
    sawSockets(sockets) {
      for (const role of ROLES) {
        for (const transport of TRANSPORTS) connections.set({ role, transport }, 0)
      }
      let all = 0
      let most = 0
      for (const { role, transport, queuedBytes } of sockets) {
        connections.inc({ role, transport })
        all += queuedBytes
        most = Math.max(most, queuedBytes)
      }
      queued.set(all)
      queuedMost.set(most)
    },
    attempted(outcome, code) {
      attempts.inc({ outcome, code: known(code) })
      if (outcome === 'accepted' || outcome === 'refused') authenticated('socket', code)
    },
    authenticated,
    adhocDropped,
  }
}

/** A fixed list, so that no caller can make series without bound. */
const known = (code: string | null): string =>
  code === null ? 'none' : isErrorCode(code) ? code : 'other'
