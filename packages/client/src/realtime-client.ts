import { createAppliedReport } from './applied-report.js'
import { backoffMs } from './backoff.js'
import {
  phaseOf,
  STOPPED,
  transition,
  type ConnectionEffect,
  type ConnectionEvent,
} from './connection-state.js'
import { rolesOf } from './connected-user.js'
import { final, passing, realtimeErrorFrom, type RealtimeError } from './errors.js'
import { createOrderedDelivery, type Arrival, type Snapshot } from './ordered-delivery.js'
import type { ConnectionStatus, RealtimeClient, RealtimeClientOptions } from './realtime-options.js'
import { keepTrying } from './retrying.js'
import { openSocketLink, type LinkEvents, type SocketLink } from './socket-link.js'

const CONTACT_RESOLUTION_MS = 1000
/** The server pings every 25 s. */
const SILENCE_LIMIT_MS = 35_000

export const NOT_STARTED: ConnectionStatus = {
  phase: 'disconnected',
  code: 'STOPPED',
  reason: 'Not started',
  since: 0,
  synced: false,
  lastContactAt: null,
}

/** Makes a client that stays connected until it is stopped or finally refused. Does nothing before `start`. */
export const createRealtimeClient = <S extends Snapshot>(
  options: RealtimeClientOptions<S>,
): RealtimeClient => {
  const { random = Math.random, onError = () => undefined } = options
  const { stableAfterMs = 5000, handshakeTimeoutMs = 15_000 } = options

  let state = STOPPED
  let token = ''
  let staleToken: string | undefined
  let link: SocketLink | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopRenewal: (() => void) | undefined
  /** Whose right the caller's state was read under. */
  let { viewer } = options
  let status: ConnectionStatus = { ...NOT_STARTED, since: Date.now() }

  const setStatus = (changes: Partial<ConnectionStatus>): void => {
    status = { ...status, ...changes }
    options.onStatus?.(status)
  }

  const onContact = (): void => {
    const now = Date.now()
    // A burst of events is one contact, not one announcement each.
    if (now - (status.lastContactAt ?? 0) >= CONTACT_RESOLUTION_MS)
      setStatus({ lastContactAt: now })
  }

  const delivery = createOrderedDelivery<S>({
    ...options,
    onSyncedChange: (synced) => {
      setStatus({ synced })
    },
    random,
  })

  const applied = createAppliedReport({
    position: delivery.position,
    tell: (position) => link?.tell('applied', position),
    random,
  })

  const dispatch = (event: ConnectionEvent): void => {
    const before = state
    const { state: after, effects } = transition(before, event)
    state = after
    for (const effect of effects) perform[effect]()
    if (after === before) return
    let why = REASONS[event.type]
    if (event.type === 'failed') {
      why = event.error
      options.onFailed?.(event.error)
    }
    if (why === undefined) return
    const phase = phaseOf(state)
    const since = phase === status.phase ? status.since : Date.now()
    setStatus({ phase, since, code: why.code, reason: why.message })
  }

  const fail = (error: RealtimeError): void => {
    dispatch({ type: 'failed', error })
  }

  const askForToken = async (): Promise<string> => {
    const given = await options.getToken({ staleToken })
    if (given === '') throw final('SIGNED_OUT', 'No access token')
    return given
  }

  const perform: Readonly<Record<ConnectionEffect, () => void>> = {
    abandon: () => {
      clearTimeout(timer)
      stopRenewal?.()
      applied.now()
      applied.end()
      link?.close()
      link = undefined
      delivery.closed()
    },
    fetchToken: () => {
      const asked = state
      // What comes when the connection is another one belongs to nobody.
      askForToken().then(
        (given) => {
          if (state !== asked) return
          token = given
          dispatch({ type: 'tokenReady' })
        },
        (thrown: unknown) => {
          if (state === asked) fail(realtimeErrorFrom(thrown, 'TOKEN_UNAVAILABLE'))
        },
      )
    },
    openSocket: () => {
      after(handshakeTimeoutMs, () => {
        fail(passing('TIMEOUT', 'No answer in time'))
      })
      link = openSocketLink({
        ...options,
        handshakeTimeoutMs,
        token,
        position: delivery.position(),
        events,
        onContact,
        onFailed: (error) => {
          // Which token to use next, not whether to go on: that is `retryable`'s.
          if (error.needsNewToken) staleToken = token
          fail(error)
        },
      })
    },
    wait: () => {
      if (state.kind === 'waiting') {
        // `attempt` counts failures; the first wait is the shortest.
        after(backoffMs(state.attempt - 1, state.error.retryAfterMs, random), () => {
          dispatch({ type: 'retryDue' })
        })
      }
    },
  }

  const after = (delayMs: number, what: () => void): void => {
    clearTimeout(timer)
    timer = setTimeout(what, delayMs)
  }

  /** Notes who looks, and tells whether what is there was read by the same user in the same roles. */
  const viewAs = (next: NonNullable<typeof viewer>): boolean => {
    const { userId, role } = next
    const roles = rolesOf(next)
    const before = viewer
    viewer = { userId, role, roles }
    const isSame = before?.role === role && rolesOf(before).join() === roles.join()
    if (!isSame) options.onRole?.(role, roles)
    return before === undefined || (before.userId === userId && isSame)
  }

  const renewToken = (): void => {
    const renewing = link
    staleToken = token
    stopRenewal?.()
    // Until it is there or final: the server closes an expired session by itself.
    stopRenewal = keepTrying({
      get: async (isStopped) => {
        const renewed = await askForToken()
        if (isStopped()) return
        const answer = await renewing?.ask('auth:refresh', { token: renewed })
        if (isStopped() || answer === undefined) return
        token = renewed
        staleToken = undefined
        options.onRenewed?.(answer.sessionExpiresAt)
      },
      onError,
      code: 'TOKEN_UNAVAILABLE',
      random,
    })
  }

  const deliver =
    <A extends Arrival>(name: A['name']) =>
    (payload: A['payload']): void => {
      // Which payload goes with which name is the contract's.
      delivery.receive({ name, payload } as Arrival)
    }

  const events: LinkEvents = {
    connected: (connected) => {
      staleToken = undefined
      dispatch({ type: 'accepted' })
      after(stableAfterMs, () => {
        dispatch({ type: 'stable' })
      })
      options.onConnected?.(connected)
      const sameRight = viewAs(connected)
      delivery.opened(connected)
      applied.begin(connected.resumed ? delivery.position() : undefined)
      // The roles changed while nobody listened: what the old ones could not see is not in any replay.
      if (!sameRight) delivery.reload()
    },
    'inventory:update': deliver('inventory:update'),
    'inventory:lowStock': deliver('inventory:lowStock'),
    'inventory:digest': deliver('inventory:digest'),
    'alert:raised': deliver('alert:raised'),
    'alert:changed': deliver('alert:changed'),
    'break_glass:opened': deliver('break_glass:opened'),
    'break_glass:reviewed': deliver('break_glass:reviewed'),
    'log:reset': delivery.reset,
    'auth:expiring': renewToken,
    'session:role': ({ role, roles, seq }) => {
      if (viewer !== undefined) viewAs({ userId: viewer.userId, role, roles })
      // What the old roles could not see was never sent: only a snapshot under the new right is complete.
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
        fail(passing('CONNECTION_LOST', 'Silent for too long'))
      }
      dispatch({ type: 'wake' })
    },
    reload: delivery.reload,
    reportApplied: applied.now,
    reportDivergence: (divergence) => {
      link?.ask('inventory:diverged', divergence).catch(onError)
    },
    seeAlert: async (id) => {
      if (link === undefined || state.kind !== 'live') throw notConnected()
      await link.ask('alert:seen', { id })
    },
    status: () => status,
    position: delivery.position,
  }
}

export const notConnected = (): RealtimeError => passing('NETWORK_ERROR', 'No connection')

/** What is said of events that bring another phase, beside failures. */
const REASONS: Readonly<Record<string, Pick<RealtimeError, 'code' | 'message'>>> = {
  start: { code: 'STARTED', message: 'Started' },
  accepted: { code: 'CONNECTED', message: 'Connected' },
  stop: { code: 'STOPPED', message: 'Stopped' },
} satisfies Partial<Record<ConnectionEvent['type'], unknown>>
