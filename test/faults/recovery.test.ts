import { describe, expect, it } from 'vitest'
import { check } from '../../e2e/faults/checker/check.js'
import type { DumpedEntry } from '../../e2e/faults/dump.js'
import type { HistoryRecord } from '../../e2e/faults/history.js'
import { makeGoodHistory } from './good-history.js'

/** When the fault was over, and until when somebody was waited for. */
const OVER = 300_000
const WAITED_MS = 90_000
const READER = { client: 'raw-2', attempt: 'rig/raw-2/1' } as const
const TOLD = { client: 'package-3', attempt: 'rig/package-3/1' } as const
const NODE_2 = { client: 'raw-4', attempt: 'rig/raw-4/1' } as const

interface World {
  /** How long after the fault the doctor's client heard of a change; undefined for never. */
  readonly readerAfterMs?: number | undefined
  readonly code?: string
  /** How long after the fault the user of the one who was told had been deactivated. */
  readonly deactivatedAfterMs?: number
  /** Of another token of that user; undefined where there is none. */
  readonly newTokenAfterMs?: number | undefined
  readonly behind?: readonly string[]
  readonly notReady?: readonly string[]
  /** Whether the second node tells anybody of the change. */
  readonly node2Tells?: boolean
  /** Whether the client was told anything at all. */
  readonly isTold?: boolean
}

/** Breaches of I20 in a world in which a client that was told why, and nobody else, is waited for; with what differs. */
const breaches = (world: World = {}): number | undefined => {
  const { readerAfterMs = 2_000, code = 'AUTH_USER_INACTIVE', node2Tells = true } = world
  const { deactivatedAfterMs = 400, newTokenAfterMs, isTold = true, notReady = [] } = world
  const { behind = [TOLD.client] } = world
  const { history, dump } = makeGoodHistory()
  const { seq } = dump.head
  const deactivated = entry(seq + 1, deactivatedAfterMs, 'user:changed', {
    userId: 'nurse',
    role: 'doctor',
    isActive: false,
    ended: 'deactivated',
  })
  const change = entry(seq + 2, 1_000, 'inventory:update', {})
  const packet = { op: 'packet', seq: change.seq, name: 'inventory:update', hash: '' } as const
  const base = { op: 'attempt', kind: 'package', tokenAt: OVER - 100, claimed: null } as const
  const user = { ...base, userId: 'nurse' }
  const records: HistoryRecord[] = [
    ...history.records,
    { t: OVER + 500, ...user, ...TOLD, node: 'n1' },
    ...(isTold ? [{ t: OVER + 510, op: 'refused', ...TOLD, code } as const] : []),
    { t: OVER - 50, ...user, ...NODE_2, userId: 'doctor', node: 'n2' },
    ...(node2Tells ? [{ t: OVER + 1_100, ...packet, ...NODE_2, applied: true }] : []),
    { t: OVER + readerAfterMs, ...packet, ...READER, applied: true },
    ...(newTokenAfterMs === undefined
      ? []
      : [
          {
            t: OVER + newTokenAfterMs + 10,
            ...user,
            client: 'stock-5',
            attempt: 'rig/stock-5/1',
            node: 'n1',
            tokenAt: OVER + newTokenAfterMs,
          },
        ]),
    { t: OVER + WAITED_MS, op: 'recovered', id: 1, afterMs: WAITED_MS, notReady, behind },
  ]
  const log = [...dump.log, deactivated, change]
  // The other one of the good history is not there any more.
  const withoutOther = records.filter(
    (record) => record.op !== 'final' || record.client === READER.client,
  )
  return check({ ...history, records: withoutOther }, { ...dump, log }, 'I20').counts['I20']
}

const entry = (
  seq: number,
  afterMs: number,
  name: string,
  payload: Readonly<Record<string, unknown>>,
): DumpedEntry => ({ seq, name, audience: 'stock', payload, hash: '', at: OVER + afterMs })

describe('a world that was waited for after a fault', () => {
  it('has come back where all others heard of a change in time, and one was told why he cannot come', () => {
    expect(breaches()).toBe(0)
    // Somebody gave him another token, after which all was well.
    expect(breaches({ behind: [], newTokenAfterMs: 85_000 })).toBe(0)
  })

  it.each<[string, World]>([
    ['nobody was told anything', { isTold: false }],
    ['he was told so without a reason', { deactivatedAfterMs: 20_000 }],
    ['he was told to come back later', { code: 'AUTH_STALE' }],
    ['he had another token and did not come', { newTokenAfterMs: 10_000 }],
    ['another one is behind', { behind: [TOLD.client, READER.client] }],
    ['another one heard of it after a minute only', { behind: [], readerAfterMs: 60_000 }],
    ['one node told nobody of it', { node2Tells: false }],
    ['one node does not say that it is ready', { notReady: ['n2'] }],
  ])('has not come back where %s', (_why, world) => {
    expect(breaches(world)).toBe(1)
  })
})
