import { describe, expect, it } from 'vitest'
import { check } from '../../e2e/faults/checker/check.js'
import { MUTATORS } from '../../e2e/faults/checker/mutators.js'
import { makeGoodHistory } from './good-history.js'

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
})
