import { describe, expect, it } from 'vitest'
import {
  transition,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
} from '../src/connection-state.js'
import { RealtimeError } from '../src/errors.js'

const transient = new RealtimeError('SERVER_UNAVAILABLE', 'later', { retryable: true })
const final = new RealtimeError('AUTH_USER_INACTIVE', 'no', { retryable: false })

type Kind = ConnectionState['kind']
type Trigger = Exclude<ConnectionEvent['type'], 'failed'> | 'failedTransient' | 'failedFinal'
type Cell = 'same' | readonly [Kind, attempt: number | null, ...ConnectionEffect[]]

const states: Readonly<Record<Kind, ConnectionState>> = {
  stopped: { kind: 'stopped', error: null },
  token: { kind: 'token', attempt: 2, error: null },
  opening: { kind: 'opening', attempt: 2, error: null },
  live: { kind: 'live', attempt: 2 },
  waiting: { kind: 'waiting', attempt: 2, error: transient },
}

const eventOf = (trigger: Trigger): ConnectionEvent => {
  if (trigger === 'failedTransient') return { type: 'failed', error: transient }
  if (trigger === 'failedFinal') return { type: 'failed', error: final }
  return { type: trigger }
}

// Each state must say something about each event: a hole does not compile.
const TABLE: Readonly<Record<Kind, Readonly<Record<Trigger, Cell>>>> = {
  stopped: {
    start: ['token', 0, 'fetchToken'],
    stop: ['stopped', null],
    tokenReady: 'same',
    accepted: 'same',
    stable: 'same',
    failedTransient: 'same',
    failedFinal: 'same',
    retryDue: 'same',
    wake: 'same',
  },
  token: {
    start: 'same',
    stop: ['stopped', null, 'abandon'],
    tokenReady: ['opening', 2, 'openSocket'],
    accepted: 'same',
    stable: 'same',
    failedTransient: ['waiting', 3, 'abandon', 'wait'],
    failedFinal: ['stopped', null, 'abandon'],
    retryDue: 'same',
    wake: 'same',
  },
  opening: {
    start: 'same',
    stop: ['stopped', null, 'abandon'],
    tokenReady: 'same',
    accepted: ['live', 2],
    stable: 'same',
    failedTransient: ['waiting', 3, 'abandon', 'wait'],
    failedFinal: ['stopped', null, 'abandon'],
    retryDue: 'same',
    wake: 'same',
  },
  live: {
    start: 'same',
    stop: ['stopped', null, 'abandon'],
    tokenReady: 'same',
    accepted: 'same',
    stable: ['live', 0],
    failedTransient: ['waiting', 3, 'abandon', 'wait'],
    failedFinal: ['stopped', null, 'abandon'],
    retryDue: 'same',
    wake: 'same',
  },
  waiting: {
    start: 'same',
    stop: ['stopped', null, 'abandon'],
    tokenReady: 'same',
    accepted: 'same',
    stable: 'same',
    failedTransient: 'same',
    failedFinal: 'same',
    retryDue: ['token', 2, 'abandon', 'fetchToken'],
    wake: ['token', 2, 'abandon', 'fetchToken'],
  },
}

// Object.entries cannot say that the keys are the record's own.
const entries = <K extends string, V>(record: Readonly<Record<K, V>>) =>
  Object.entries(record) as [K, V][]

const cells = entries(TABLE).flatMap(([kind, row]) =>
  entries(row).map(([trigger, cell]) => ({ kind, trigger, cell })),
)

describe('the connection state machine', () => {
  it.each(cells)('answers $trigger in $kind with $cell', ({ kind, trigger, cell }) => {
    const before = states[kind]
    const { state, effects } = transition(before, eventOf(trigger))
    if (cell === 'same') {
      expect(state).toBe(before)
      expect(effects).toEqual([])
    } else {
      const [expectedKind, attempt, ...expectedEffects] = cell
      expect(state.kind).toBe(expectedKind)
      expect('attempt' in state ? state.attempt : null).toBe(attempt)
      expect(effects).toEqual(expectedEffects)
    }
  })

  it('keeps the error that stopped it', () => {
    const { state } = transition(states.live, { type: 'failed', error: final })
    expect(state).toEqual({ kind: 'stopped', error: final })
  })

  it('decides by retryable alone, whatever the code', () => {
    const unknown = (retryable: boolean): ConnectionEvent => ({
      type: 'failed',
      error: new RealtimeError('CODE_OF_A_NEWER_SERVER', 'x', { retryable }),
    })
    expect(transition(states.live, unknown(true)).state.kind).toBe('waiting')
    expect(transition(states.live, unknown(false)).state.kind).toBe('stopped')
  })
})
