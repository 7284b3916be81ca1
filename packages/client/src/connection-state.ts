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
      if (state.kind !== 'stopped') return unchanged(state)
      return { state: { kind: 'token', attempt: 0, error: null }, effects: ['fetchToken'] }
    case 'stop':
      if (state.kind === 'stopped') return { state: STOPPED, effects: [] }
      return { state: STOPPED, effects: ['abandon'] }
    case 'tokenReady':
      if (state.kind !== 'token') return unchanged(state)
      return { state: { ...state, kind: 'opening' }, effects: ['openSocket'] }
    case 'accepted':
      if (state.kind !== 'opening') return unchanged(state)
      return { state: { kind: 'live', attempt: state.attempt }, effects: [] }
    case 'stable':
      if (state.kind !== 'live') return unchanged(state)
      return { state: { kind: 'live', attempt: 0 }, effects: [] }
    case 'failed':
      return afterFailure(state, event.error)
    case 'retryDue':
    case 'wake':
      if (state.kind !== 'waiting') return unchanged(state)
      return { state: { ...state, kind: 'token' }, effects: ['abandon', 'fetchToken'] }
  }
}

/** Names the phase that `state` shows to the outside. */
export const phaseOf = (state: ConnectionState): ConnectionPhase => {
  switch (state.kind) {
    case 'stopped':
      return 'disconnected'
    case 'live':
      return 'connected'
    case 'token':
    case 'opening':
    case 'waiting':
      return 'connecting'
  }
}

// `retryable` alone decides: a code added to the server needs no new client.
const afterFailure = (state: ConnectionState, error: RealtimeError): Transition => {
  switch (state.kind) {
    case 'stopped':
    case 'waiting':
      return unchanged(state)
    case 'token':
    case 'opening':
    case 'live':
      if (!error.retryable) return { state: { kind: 'stopped', error }, effects: ['abandon'] }
      return {
        state: { kind: 'waiting', attempt: state.attempt + 1, error },
        effects: ['abandon', 'wait'],
      }
  }
}

const unchanged = (state: ConnectionState): Transition => ({ state, effects: [] })
