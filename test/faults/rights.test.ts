import { describe, expect, it } from 'vitest'
import { check } from '../../e2e/faults/checker/check.js'
import type { DumpedEntry } from '../../e2e/faults/dump.js'
import type { HistoryRecord, RevokeRecord } from '../../e2e/faults/history.js'
import { makeGoodHistory } from './good-history.js'

const T = 500_000
const TOKEN_AT = T - 100_000
const NEXT = { client: 'raw-2', attempt: 'rig/raw-2/2' } as const

type Told = 'deactivated' | 'activated' | 'revoked' | 'session ended'

/** Entries of the log about the doctor, each so many ms from `T`. */
const entriesOf = (seq: number, told: readonly (readonly [Told, number])[]): DumpedEntry[] =>
  told.map(([what, afterMs], index) => {
    const payload = {
      userId: 'doctor',
      role: 'doctor',
      isActive: what !== 'deactivated',
      ended: what === 'activated' ? null : what,
    }
    return {
      seq: seq + index + 1,
      name: what === 'session ended' ? 'session:ended' : 'user:changed',
      audience: 'user:doctor',
      payload,
      hash: '',
      at: T + afterMs,
    }
  })

/** Breaches where the doctor comes with a token of `tokenAt`, is let in or refused, and ends with `code` at `T`. */
const breaches = (
  code: string,
  told: readonly (readonly [Told, number])[],
  {
    op = 'closing',
    tokenAt = TOKEN_AT,
    others = [],
  }: {
    readonly op?: 'closing' | 'refused'
    readonly tokenAt?: number
    readonly others?: readonly HistoryRecord[]
  } = {},
): number | undefined => {
  const { history, dump } = makeGoodHistory()
  const position = dump.head
  const base = { kind: 'raw', node: 'n1', userId: 'doctor', claimed: null } as const
  const records: HistoryRecord[] = [
    ...history.records,
    ...others,
    { t: T - 10, op: 'attempt', ...NEXT, ...base, tokenAt },
    ...(op === 'closing'
      ? [{ t: T - 5, op: 'connected', ...NEXT, position, resumed: false, role: 'doctor' } as const]
      : []),
    { t: T, op, ...NEXT, code },
  ]
  const log = [...dump.log, ...entriesOf(dump.head.seq, told)]
  return check({ ...history, records }, { ...dump, log }, 'I19').counts['I19']
}

const asked = (action: RevokeRecord['action'], fromMs: number, toMs: number): HistoryRecord[] => {
  const base = { op: 'revoke', id: action, userId: 'doctor', action } as const
  return [
    { t: T + fromMs, ...base, phase: 'invoke', seq: null, ackAt: null },
    { t: T + toMs, ...base, phase: 'ok', seq: 1, ackAt: T + toMs },
  ]
}

describe('the end of a right, by the log', () => {
  it('counts where it was committed after the one who asked for it had given the right back', () => {
    const others = [...asked('deactivate', -30_000, -25_000), ...asked('restore', -20_000, -19_000)]
    const tokenAt = T - 18_000
    const early: [Told, number][] = [
      ['deactivated', -26_000],
      ['activated', -19_500],
    ]
    expect(breaches('AUTH_USER_INACTIVE', early, { others, tokenAt })).toBe(1)
    const late: [Told, number][] = [...early, ['deactivated', -30]]
    expect(breaches('AUTH_USER_INACTIVE', late, { others, tokenAt })).toBe(0)
  })

  it('does not count where it was asked for and is not in the log', () => {
    const others = asked('revoke', -2_000, -1_000)
    expect(breaches('AUTH_SESSION_REVOKED', [], { others })).toBe(1)
    expect(breaches('AUTH_SESSION_REVOKED', [['revoked', -1_500]], { others })).toBe(0)
  })

  it.each<[Told, number, number]>([
    ['revoked', -500, 0],
    ['session ended', -500, 0],
    // After the closing.
    ['revoked', 500, 1],
    // Before its token was made.
    ['session ended', TOKEN_AT - T - 500, 1],
    ['activated', -500, 1],
  ])(
    'excuses a session that is closed as revoked by an entry "%s" of %i ms: breaches %i',
    (...of) => {
      const [what, afterMs, found] = of
      expect(breaches('AUTH_SESSION_REVOKED', [[what, afterMs]])).toBe(found)
    },
  )

  it.each([
    ['AUTH_USER_INACTIVE', -150, 0],
    ['AUTH_USER_INACTIVE', -3_000, 1],
    // Looked up with each token, so that nobody has to read anything first.
    ['AUTH_SESSION_REVOKED', -150, 1],
    ['AUTH_USER_UNKNOWN', -150, 1],
  ])('allows who is active again to be refused with %s after %i ms: breaches %i', (...of) => {
    const [code, afterMs, found] = of
    const told: [Told, number][] = [
      ['deactivated', afterMs - 5_000],
      ['activated', afterMs],
    ]
    expect(breaches(code, told, { op: 'refused', tokenAt: T + afterMs + 60 })).toBe(found)
  })

  it.each([
    ['while his node could not hear of it', -15_500, 0],
    ['and his node had heard of it before', -8_000, 1],
  ])('allows to send back who was not active %s', (_when, fromMs, found) => {
    const base = {
      op: 'fault',
      id: 1,
      kind: 'blackhole-postgres',
      target: 'n1 to postgres',
    } as const
    const fault = { ...base, pids: [], affects: ['postgres'] } as const
    const others: HistoryRecord[] = [
      { t: T + fromMs, ...fault, phase: 'start' },
      { t: T - 300, ...fault, phase: 'end' },
    ]
    const told: [Told, number][] = [
      ['deactivated', -15_000],
      ['activated', -11_000],
    ]
    expect(breaches('AUTH_STALE', told, { others, tokenAt: T - 10_900 })).toBe(found)
    // A last word would be wrong.
    expect(breaches('AUTH_USER_INACTIVE', told, { others, tokenAt: T - 10_900 })).toBe(1)
  })
})
