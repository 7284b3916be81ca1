import { describe, expect, it } from 'vitest'
import { check } from '../../e2e/faults/checker/check.js'
import type { Evidence } from '../../e2e/faults/checker/mutation.js'
import { MUTATORS } from '../../e2e/faults/checker/mutators.js'
import { textHash } from '../../e2e/faults/clients/replica.js'
import { makeGoodHistory } from './good-history.js'

/** The good history with a last entry: another role of the doctor, whose client then ends in another state. */
const afterChangeTo = (role: string): Evidence => {
  const { history, dump } = makeGoodHistory()
  const seq = dump.head.seq + 1
  const payload = { userId: 'doctor', role, isActive: true, seq }
  const hash = textHash(JSON.stringify(payload))
  const at = (dump.log.at(-1)?.at ?? 0) + 1
  const entry = { seq, name: 'user:changed', audience: 'user:doctor', payload, hash, at }
  const records = history.records.map((record) =>
    record.op === 'final' && record.userId === 'doctor'
      ? { ...record, stateHash: 'of an earlier state' }
      : record,
  )
  return {
    history: { ...history, records },
    dump: { ...dump, log: [...dump.log, entry], head: { ...dump.head, seq } },
  }
}

describe('the checker of fault runs', () => {
  it('finds nothing wrong with a good history', () => {
    const { history, dump } = makeGoodHistory()
    expect(check(history, dump).violations).toEqual([])
  })

  it.each(MUTATORS)('notices that $name ($invariant)', ({ invariant, mutate }) => {
    const mutated = mutate(makeGoodHistory())
    if (mutated === undefined) throw new Error('The good history has nothing to lie about here.')
    const { counts } = check(mutated.history, mutated.dump)
    expect(counts[invariant]).toBeGreaterThan(0)
  })

  it.each([
    ['after', 0],
    ['before', 1],
  ])('takes what a client passed %s its demotion for lost: %i', (when, lost) => {
    const { history, dump } = afterChangeTo('patient')
    const received = history.records.filter(
      (record) => record.op === 'packet' && record.client === 'raw-2',
    )
    const [missed, next] = received.slice(-2)
    const demotedAt = (dump.log.at(-1)?.at ?? 0) - history.startedAt
    const passedAt = demotedAt + (when === 'after' ? 1 : -1)
    const records = history.records
      .filter((record) => record !== missed)
      .map((record) => (record === next ? { ...record, t: passedAt } : record))

    expect(missed).toBeDefined()
    expect(check({ ...history, records }, dump).counts['I1']).toBe(lost)
  })

  it('asks for the last state only those who may follow the stock at the end', () => {
    const ofPatient = afterChangeTo('patient')
    expect(check(ofPatient.history, ofPatient.dump).violations).toEqual([])
    const ofPharmacist = afterChangeTo('pharmacist')
    expect(check(ofPharmacist.history, ofPharmacist.dump).counts['I18']).toBe(1)
  })
})
