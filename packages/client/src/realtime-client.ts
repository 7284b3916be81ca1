import type { Connected } from '@uzima/contracts'
import { backoffMs } from './backoff.js'
import {
  phaseOf,
  STOPPED,
  transition,
  type ConnectionEffect,
  type ConnectionEvent,
} from './connection-state.js'
import { RealtimeError, realtimeErrorFrom, wireErrorFrom } from './errors.js'
import { createOrderedDelivery, type Snapshot } from './ordered-delivery.js'
import type { ConnectionStatus, RealtimeClient, RealtimeClientOptions } from './realtime-options.js'
import { openSocketLink, type LinkEvents, type SocketLink } from './socket-link.js'
import { startTokenRenewal } from './token-renewal.js'

const CONTACT_RESOLUTION_MS = 1000
/** The server pings every 25 s. */
const SILENCE_LIMIT_MS = 35_000

/** Makes a client that stays connected until it is stopped or finally refused. Does nothing before `start`. */
export const createRealtimeClient = <S extends Snapshot>(
  options: RealtimeClientOptions<S>,
): RealtimeClient => {
  const random = options.random ?? Math.random
  const stableAfterMs = options.stableAfterMs ?? 5000

  let state = STOPPED
  let token: string | undefined
  let staleToken: string | undefined
  let link: SocketLink | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopRenewal: (() => void) | undefined
  /** Whose right the caller's state was read under. */
  let viewer: Pick<Connected, 'userId' | 'role'> | undefined = options.viewer
  /** Grows whenever the connection changes: an answer to an older question is ignored. */
  let generation = 0
  let status: ConnectionStatus = {
    phase: 'disconnected',
    code: 'STOPPED',
    reason: 'Not started',
    since: Date.now(),
    synced: false,
    lastContactAt: null,
  }

  const setStatus = (changes: Partial<ConnectionStatus>): void => {
    status = { ...status, ...changes }
    options.onStatus?.(status)
  }

  const noteContact = (): void => {
    const now = Date.now()
    // A burst of events is one contact, not one announcement each.
    if (now - (status.lastContactAt ?? 0) >= CONTACT_RESOLUTION_MS)
      setStatus({ lastContactAt: now })
  }

  const delivery = createOrderedDelivery<S>({
    position: options.position,
    loadSnapshot: options.loadSnapshot,
    onSnapshot: (snapshot) => options.onSnapshot?.(snapshot),
    onEvent: (event) => options.onEvent?.(event),
    onDigest: (digest) => options.onDigest?.(digest),
    onReset: (reset) => options.onReset?.(reset),
    onSyncedChange: (synced) => {
      setStatus({ synced })
    },
    onError: (error) => options.onError?.(error),
    random,
  })

  const dispatch = (event: ConnectionEvent): void => {
    const next = transition(state, event)
    const changed = next.state !== state
    state = next.state
    if (next.effects.includes('abandon')) abandon()
    if (changed && event.type === 'failed') options.onFailed?.(event.error)
    if (changed && event.type !== 'stable') announce(event)
    for (const effect of next.effects) perform(effect)
  }

  const announce = (event: ConnectionEvent): void => {
    const phase = phaseOf(state)
    const since = phase === status.phase ? status.since : Date.now()
    if (event.type === 'failed') {
      setStatus({ phase, since, code: event.error.code, reason: event.error.message })
    } else if (event.type === 'accepted') {
      setStatus({ phase, since, code: 'CONNECTED', reason: 'Connected' })
    } else if (event.type === 'stop') {
      setStatus({ phase, since, code: 'STOPPED', reason: 'Stopped by the caller' })
    } else if (event.type === 'start') {
      setStatus({ phase, since, code: 'STARTED', reason: 'First attempt' })
    }
  }

  const perform = (effect: ConnectionEffect): void => {
    if (effect === 'fetchToken') void fetchToken()
    else if (effect === 'openSocket') openSocket()
    else if (effect === 'wait' && state.kind === 'waiting') {
      // `attempt` counts failures; the first wait is the shortest.
      const delayMs = backoffMs(state.attempt - 1, state.error.retryAfterMs, random)
      timer = setTimeout(() => {
        dispatch({ type: 'retryDue' })
      }, delayMs)
    }
  }

  const abandon = (): void => {
    generation += 1
    clearTimeout(timer)
    stopRenewal?.()
    stopRenewal = undefined
    link?.close()
    link = undefined
    delivery.closed()
  }

  const askForToken = async (): Promise<string> => {
    const given = await options.getToken({ staleToken })
    if (given !== '') return given
    throw new RealtimeError('SIGNED_OUT', 'There is no access token', { retryable: false })
  }

  const fetchToken = async (): Promise<void> => {
    const startedIn = generation
    try {
      const given = await askForToken()
      if (startedIn !== generation) return
      token = given
      dispatch({ type: 'tokenReady' })
    } catch (thrown) {
      if (startedIn !== generation) return
      dispatch({ type: 'failed', error: realtimeErrorFrom(thrown, 'TOKEN_UNAVAILABLE') })
    }
  }

  const openSocket = (): void => {
    link = openSocketLink(
      {
        url: options.url,
        path: options.path ?? '/socket.io/',
        transports: options.transports ?? ['websocket', 'polling'],
        token: token ?? '',
        position: delivery.position(),
        handshakeTimeoutMs: options.handshakeTimeoutMs ?? 15_000,
      },
      {
        events,
        onAccepted: (connected) => {
          staleToken = undefined
          dispatch({ type: 'accepted' })
          timer = setTimeout(() => {
            dispatch({ type: 'stable' })
          }, stableAfterMs)
          options.onConnected?.(connected)
          const sameRight = viewAs(connected)
          delivery.opened(connected)
          // The role changed while nobody listened: what the old one could not see is not in any replay.
          if (!sameRight) delivery.reload()
        },
        onContact: noteContact,
        onFailed: (error) => {
          // Which token to use next, not whether to go on: that is `retryable`'s.
          if (error.needsNewToken) staleToken = token
          dispatch({ type: 'failed', error })
        },
        onMessage: (event, data) => options.onMessage?.(event, data),
      },
    )
  }

  /** Notes who looks, and tells whether what is there was read by the same user in the same role. */
  const viewAs = ({ userId, role }: Pick<Connected, 'userId' | 'role'>): boolean => {
    const before = viewer
    viewer = { userId, role }
    if (before?.role !== role) options.onRole?.(role)
    return before === undefined || (before.userId === userId && before.role === role)
  }

  const renewToken = (): void => {
    if (link === undefined) return
    staleToken = token
    stopRenewal?.()
    stopRenewal = startTokenRenewal({
      getToken: askForToken,
      link,
      random,
      onRenewed: (renewed, sessionExpiresAt) => {
        token = renewed
        staleToken = undefined
        options.onRenewed?.(sessionExpiresAt)
      },
      onFailed: (error) => options.onError?.(error),
    })
  }

  const seeAlert = async (id: string): Promise<void> => {
    if (link === undefined || state.kind !== 'live') {
      throw new RealtimeError('NETWORK_ERROR', 'There is no connection', { retryable: true })
    }
    const result = await link.seeAlert(id).catch((thrown: unknown) => {
      throw realtimeErrorFrom(thrown, 'TIMEOUT')
    })
    if (result.ok) return
    throw (
      wireErrorFrom(result.error, 'The alert cannot be marked as seen') ??
      new RealtimeError('UNEXPECTED_ANSWER', 'The answer is no error', { retryable: false })
    )
  }

  const events: LinkEvents = {
    'inventory:update': (payload) => {
      delivery.receive({ name: 'inventory:update', payload })
    },
    'inventory:lowStock': (payload) => {
      delivery.receive({ name: 'inventory:lowStock', payload })
    },
    'inventory:digest': (payload) => {
      delivery.receive({ name: 'inventory:digest', payload })
    },
    'alert:raised': (payload) => {
      delivery.receive({ name: 'alert:raised', payload })
    },
    'alert:changed': (payload) => {
      delivery.receive({ name: 'alert:changed', payload })
    },
    'log:reset': (reset) => {
      delivery.reset(reset)
    },
    'auth:expiring': renewToken,
    'session:role': ({ role, seq }) => {
      if (viewer !== undefined) viewAs({ userId: viewer.userId, role })
      // What the old role could not see was never sent: only a snapshot under the new right is complete.
      delivery.skipTo(seq)
      delivery.reload()
    },
  }

  return {
    start: () => {
      dispatch({ type: 'start' })
    },
    stop: () => {
      dispatch({ type: 'stop' })
    },
    wake: (maxSilenceMs = SILENCE_LIMIT_MS) => {
      const silentMs = Date.now() - (status.lastContactAt ?? 0)
      // A clock that was set back says nothing about the connection: then it is asked for too.
      if (state.kind === 'live' && !(silentMs >= 0 && silentMs <= maxSilenceMs)) {
        const text = 'Nothing was heard for too long'
        const error = new RealtimeError('CONNECTION_LOST', text, { retryable: true })
        dispatch({ type: 'failed', error })
      }
      dispatch({ type: 'wake' })
    },
    reload: delivery.reload,
    reportDivergence: (divergence) => {
      link?.reportDivergence(divergence).catch((thrown: unknown) => {
        options.onError?.(realtimeErrorFrom(thrown, 'NETWORK_ERROR'))
      })
    },
    seeAlert,
    status: () => status,
    position: delivery.position,
  }
}
