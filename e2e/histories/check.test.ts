import { expect, it } from 'vitest'
import { checkDeliveries } from './check.js'
import { checkExplained } from './check-explain.js'
import type { Change, Entry, Facts, GrantFact } from './facts.js'
import type { Attempt, Recording } from './recording.js'
import { rightsOf } from './rights.js'

const USER = 'u'

/** Entries 1 to 30, a second apart; those of stock are all but the changes of the user. */
const changeSeqs = [1, 10, 20]
const at = (seq: number): number => 1_000_000_000_000 + seq * 1_000_000
const entries: Entry[] = Array.from({ length: 30 }, (_, index) => index + 1)
  .filter((seq) => !changeSeqs.includes(seq))
  .map((seq) => ({ seq, feed: 'stock', at: at(seq) }))

const change = (seq: number, roles: string[], actor = 'time'): Change => ({
  seq,
  at: at(seq),
  actor,
  role: 'doctor',
  roles,
  isActive: true,
})
const GRANT: GrantFact = {
  id: 'g',
  role: 'pharmacist',
  from: at(10) - 500_000,
  until: at(20) - 500_000,
  isRevoked: false,
  begin: 10,
  end: 20,
  endBy: 'end',
}

const facts = ({
  grant = {},
  changes = [
    change(1, ['doctor'], 'somebody'),
    change(10, ['doctor', 'pharmacist']),
    change(20, ['doctor']),
  ],
}: {
  readonly grant?: Partial<GrantFact>
  readonly changes?: readonly Change[]
} = {}): Facts => ({
  entries,
  changes: new Map([[USER, changes]]),
  grants: new Map([[USER, [{ ...GRANT, ...grant }]]]),
  times: Array.from({ length: 30 }, (_, index) => ({ seq: index + 1, at: at(index + 1) })),
  lastAt: at(30),
  falls: [],
})

const SEEN = [11, 12, 13, 14, 15, 16, 17, 18, 19]

/** A client that was connected all the time and received these. */
const recording = (seqs: readonly number[] = SEEN, more: Partial<Attempt> = {}): Recording => ({
  index: 0,
  userId: USER,
  baseRole: 'doctor',
  client: 'light',
  acts: [
    {
      what: 'grant',
      via: 'sql',
      after: 4,
      until: 5,
      grantId: 'g',
      role: 'pharmacist',
      from: GRANT.from,
      end: GRANT.until,
    },
  ],
  attempts: [
    {
      node: 'n1',
      startedAt: at(2) / 1_000,
      connectedAt: at(2) / 1_000,
      asked: undefined,
      position: 2,
      resumed: false,
      resets: [],
      seqs: [...seqs],
      times: seqs.map((seq) => at(seq) / 1_000 + 5),
      ...more,
    },
  ],
  snapshots: [],
})

const judge = (one: Recording) => {
  const { forbidden, missing, disordered } = checkDeliveries(one, rightsOf(one, facts()), entries)
  return { forbidden: forbidden.length, missing: missing.length, disordered: disordered.length }
}

it('finds nothing where a client received what it was allowed to', () => {
  expect(judge(recording())).toEqual({ forbidden: 0, missing: 0, disordered: 0 })
  expect(rightsOf(recording(), facts()).problems).toEqual([])
})

it('finds an entry after the end of a right, one that is missing, one that came twice or behind another', () => {
  expect(judge(recording([...SEEN, 21])).forbidden).toBe(1)
  expect(judge(recording([9, ...SEEN])).forbidden).toBe(1)
  expect(judge(recording(SEEN.filter((seq) => seq !== 15))).missing).toBe(1)
  expect(judge(recording(SEEN.filter((seq) => seq !== 19))).missing).toBe(1)
  expect(judge(recording([...SEEN, 19])).disordered).toBe(1)
  expect(judge(recording([11, 13, 12, ...SEEN.slice(3)])).disordered).toBe(1)
})

it('lets a client be sent what it had missed by the rights that it has when it comes back', () => {
  const back = { asked: 8, position: 8, resumed: true, startedAt: at(12) / 1_000 }
  const late = {
    ...back,
    connectedAt: at(12) / 1_000,
    times: [9, ...SEEN].map(() => at(13) / 1_000),
  }
  expect(judge(recording([9, ...SEEN], late)).forbidden).toBe(0)
  const tooLate = { ...late, startedAt: at(25) / 1_000, times: [9].map(() => at(26) / 1_000) }
  expect(judge(recording([9], tooLate)).forbidden).toBe(1)
})

it('finds a grant that began or ended out of place, never, or untold', () => {
  const problems = (...given: Parameters<typeof facts>): number =>
    rightsOf(recording(), facts(...given)).problems.length
  expect(problems({ grant: { from: at(8) } })).toBeGreaterThan(0)
  expect(problems({ grant: { until: at(18) } })).toBeGreaterThan(0)
  expect(problems({ grant: { begin: undefined, end: undefined } })).toBeGreaterThan(0)
  expect(problems({ grant: { end: undefined, endBy: undefined } })).toBeGreaterThan(0)
  expect(problems({ changes: [change(1, ['doctor'], 'somebody')] })).toBeGreaterThan(0)
  expect(
    problems({
      changes: [change(1, ['doctor'], 'somebody'), change(10, ['doctor']), change(20, [])],
    }),
  ).toBeGreaterThan(0)
})

it('finds an answer of explain that is not what happened', () => {
  const connected = { startedAt: at(5) / 1_000, connectedAt: at(5) / 1_000, position: 5 }
  const one = recording(SEEN, connected)
  const problem = (seq: number, allowed: boolean, verdict: string, reason = ''): boolean => {
    const entry = { seq, feed: 'stock', at: at(seq) } as const
    const told = { allowed, verdict, reason }
    return checkExplained(one, rightsOf(one, facts()), entry, told, []).problem !== undefined
  }
  expect(problem(15, true, 'written')).toBe(false)
  expect(problem(25, false, 'not_allowed')).toBe(false)
  expect(problem(25, true, 'not_allowed')).toBe(true)
  expect(problem(25, false, 'written')).toBe(true)
  expect(problem(15, true, 'not_allowed')).toBe(true)
  expect(problem(15, true, 'ended')).toBe(true)
  expect(problem(15, true, 'not_connected')).toBe(true)
  expect(problem(25, false, 'unknown', 'node_lost')).toBe(true)
  expect(problem(25, false, 'unknown', 'rights_moved')).toBe(true)
})
