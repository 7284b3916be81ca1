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
  if (event.type === 'stop') return state.kind === 'stopped' ? to(STOPPED) : to(STOPPED, 'abandon')
  switch (state.kind) {
    case 'stopped':
      if (event.type !== 'start') break
      return to({ kind: 'token', attempt: 0, error: null }, 'fetchToken')
    case 'waiting':
      if (event.type !== 'retryDue' && event.type !== 'wake') break
      return to({ ...state, kind: 'token' }, 'abandon', 'fetchToken')
    default:
      if (event.type === 'failed') {
        const { error } = event
        // `retryable` alone decides: a code added to the server needs no new client.
        return error.retryable
          ? to({ kind: 'waiting', attempt: state.attempt + 1, error }, 'abandon', 'wait')
          : to({ kind: 'stopped', error }, 'abandon')
      }
      if (state.kind === 'token' && event.type === 'tokenReady') {
        return to({ ...state, kind: 'opening' }, 'openSocket')
      }
      if (state.kind === 'opening' && event.type === 'accepted') {
        return to({ kind: 'live', attempt: state.attempt })
      }
      if (state.kind === 'live' && event.type === 'stable') return to({ ...state, attempt: 0 })
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
