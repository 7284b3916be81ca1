import type { RealtimeError } from './errors.js'

/**
 * The life of a connection as a pure function: `transition(state, event)` gives the next state and what to do.
 *
 * ```
 *            start             tokenReady          accepted
 *  stopped ---------> token -------------> opening ---------> live --+ stable
 *     ^  ^             | ^                    |                 | <--+
 *     |  |   failed    | | retryDue / wake    | failed          | failed
 *     |  +-- (final) --+ |                    |                 |
 *     |                  +--- waiting <-------+-----------------+  (retryable)
 *     +---- stop (from everywhere), failed (final)
 * ```
 */
export type ConnectionState =
  | { readonly kind: 'stopped'; readonly error: RealtimeError | null }
  | { readonly kind: 'token'; readonly attempt: number; readonly error: RealtimeError | null }
  | { readonly kind: 'opening'; readonly attempt: number; readonly error: RealtimeError | null }
  | { readonly kind: 'live'; readonly attempt: number }
  | { readonly kind: 'waiting'; readonly attempt: number; readonly error: RealtimeError }

export type ConnectionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** The token function gave a token. */
  | { readonly type: 'tokenReady' }
  /** The server sent `connected`. */
  | { readonly type: 'accepted' }
  /** The connection has lasted long enough to begin the back-off anew at its next loss. */
  | { readonly type: 'stable' }
  /** Whatever ended the attempt or the connection: no token, a refusal, a close, a time-out. */
  | { readonly type: 'failed'; readonly error: RealtimeError }
  /** The back-off is over. */
  | { readonly type: 'retryDue' }
  /** The network or the person is back: do not sit out the back-off. */
  | { readonly type: 'wake' }

/** What the caller of `transition` has to do, in this order. */
export type ConnectionEffect = 'abandon' | 'fetchToken' | 'openSocket' | 'wait'

export interface Transition {
  readonly state: ConnectionState
  readonly effects: readonly ConnectionEffect[]
}

/** What the outside sees of a state. */
export type ConnectionPhase = 'disconnected' | 'connecting' | 'connected'

export const STOPPED: ConnectionState = { kind: 'stopped', error: null }

/** Gives the state after `event`, and what has to be done; an event that a state does not expect changes nothing. */
export const transition = (state: ConnectionState, event: ConnectionEvent): Transition => {
  switch (event.type) {
    case 'start':
      if (state.kind !== 'stopped') break
      return to({ kind: 'token', attempt: 0, error: null }, 'fetchToken')
    case 'stop':
      return state.kind === 'stopped' ? to(STOPPED) : to(STOPPED, 'abandon')
    case 'tokenReady':
      if (state.kind !== 'token') break
      return to({ ...state, kind: 'opening' }, 'openSocket')
    case 'accepted':
      if (state.kind !== 'opening') break
      return to({ kind: 'live', attempt: state.attempt })
    case 'stable':
      if (state.kind !== 'live') break
      return to({ kind: 'live', attempt: 0 })
    case 'failed': {
      if (state.kind === 'stopped' || state.kind === 'waiting') break
      const { error } = event
      // `retryable` alone decides: a code added to the server needs no new client.
      return error.retryable
        ? to({ kind: 'waiting', attempt: state.attempt + 1, error }, 'abandon', 'wait')
        : to({ kind: 'stopped', error }, 'abandon')
    }
    case 'retryDue':
    case 'wake':
      if (state.kind !== 'waiting') break
      return to({ ...state, kind: 'token' }, 'abandon', 'fetchToken')
  }
  return to(state)
}

const to = (state: ConnectionState, ...effects: ConnectionEffect[]): Transition => ({
  state,
  effects,
})

/** Names the phase that `state` shows to the outside. */
export const phaseOf = (state: ConnectionState): ConnectionPhase => {
  if (state.kind === 'stopped') return 'disconnected'
  return state.kind === 'live' ? 'connected' : 'connecting'
}
