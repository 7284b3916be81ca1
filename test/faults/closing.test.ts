import { describe, expect, it } from 'vitest'
import { check } from '../../e2e/faults/checker/check.js'
import { endingsOf } from '../../e2e/faults/checker/closing.js'
import type { HistoryRecord } from '../../e2e/faults/history.js'
import { makeGoodHistory } from './good-history.js'

/** The doctor's session, which nobody has a reason to end. */
const DOCTOR = { client: 'raw-2', attempt: 'rig/raw-2/1' } as const
const T = 500_000

/** The good history, in which the doctor's session ends as told, beside other records. */
const judged = (end: HistoryRecord, ...others: readonly HistoryRecord[]) => {
  const { history, dump } = makeGoodHistory()
  const { facts, counts } = check(
    { ...history, records: [...history.records, ...others, end] },
    dump,
    'I19',
  )
  const ending = endingsOf(facts).find(({ attempt }) => attempt === DOCTOR.attempt)
  return { excuse: ending?.excuse, breaches: counts['I19'] }
}

const closing = (code: string): HistoryRecord => ({ t: T, op: 'closing', ...DOCTOR, code })
const lost = (reason: string): HistoryRecord => ({ t: T, op: 'disconnected', ...DOCTOR, reason })

const fault = (
  kind: string,
  target: string,
  fromMs: number,
  toMs: number,
  affects: 'node' | 'postgres' | 'clients' = 'node',
): HistoryRecord[] => {
  const base = { op: 'fault', id: 1, kind, target, pids: [], affects: [affects] } as const
  return [
    { t: T + fromMs, ...base, phase: 'start' },
    { t: T + toMs, ...base, phase: 'end' },
  ]
}
const exit = (node: string, signal: 'SIGKILL' | null): HistoryRecord => ({
  t: T + 100,
  op: 'exit',
  node,
  pid: 1,
  planned: true,
  code: signal === null ? 0 : null,
  signal,
})

describe('the end of a session with a good right', () => {
  it.each<[string, HistoryRecord, readonly HistoryRecord[]]>([
    ['its node was killed', lost('closed'), [exit('n1', 'SIGKILL')]],
    [
      'it heard nothing of a node that stood still for 20 s',
      lost('Connection lost: ping timeout'),
      fault('node-pause-long', 'n1', -20_500, -100),
    ],
    [
      'its node drained and said so',
      closing('SERVER_DRAINING'),
      fault('node-term-twice', 'n1', -900, 10),
    ],
    [
      'its own way was cut',
      lost('closed'),
      fault('clients-cut', 'clients of all nodes', -100, 900),
    ],
    [
      'its node was without the database for more than a minute',
      closing('AUTH_STALE'),
      fault('postgres-lost', 'n1 to postgres', -61_000, 20_000, 'postgres'),
    ],
    ['it left itself', lost('stopped'), []],
  ])('is no wrong where %s', (_why, end, others) => {
    expect(judged(end, ...others).breaches).toBe(0)
  })

  it.each<[string, HistoryRecord, readonly HistoryRecord[]]>([
    ['nothing was broken', lost('closed'), []],
    ['another node was killed', lost('closed'), [exit('n2', 'SIGKILL')]],
    [
      'it heard nothing of a node that stood still for 4 s',
      lost('Connection lost: ping timeout'),
      fault('node-pause-short', 'n1', -4_500, -100),
    ],
    ['its node drained and did not say so', lost('closed'), [exit('n1', null)]],
    ['no node drained', closing('SERVER_DRAINING'), []],
    ['another node drained', closing('SERVER_DRAINING'), fault('node-term-twice', 'n2', -900, 10)],
    [
      'its node was without the database for 20 s',
      closing('AUTH_STALE'),
      fault('postgres-stall', 'postgres', -20_000, -100, 'postgres'),
    ],
    [
      'another node was without the database for more than a minute',
      closing('AUTH_STALE'),
      fault('postgres-lost', 'n2 to postgres', -61_000, 20_000, 'postgres'),
    ],
    ['its node slept for 20 s', lost('closed'), fault('node-pause-long', 'n1', -20_000, -10)],
    ['it reads as fast as it can', closing('SLOW_CONSUMER'), []],
    ['it keeps to all limits', closing('RATE_LIMITED'), []],
    ['nobody took its right', closing('AUTH_SESSION_REVOKED'), []],
    [
      'the database has been back for a minute, and only one client was waited for',
      closing('AUTH_STALE'),
      [
        ...fault('postgres-lost', 'n1 to postgres', -130_000, -60_000, 'postgres'),
        { t: T + 20_000, op: 'recovered', id: 1, afterMs: 80_000, notReady: [], behind: [] },
      ],
    ],
  ])('is a wrong where %s', (_why, end, others) => {
    expect(judged(end, ...others)).toEqual({ excuse: undefined, breaches: 1 })
  })
})
