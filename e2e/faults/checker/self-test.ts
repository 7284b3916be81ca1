import { check } from './check.js'
import { MUTATORS, type Evidence } from './mutators.js'

export interface SelfTest {
  readonly name: string
  readonly invariant: string
  /** `inapplicable` where the evidence has nothing that it could be done to. */
  readonly outcome: 'caught' | 'missed' | 'inapplicable'
}

/** Tells every lie about a good run and looks whether the right check notices it. */
export function selfTest(evidence: Evidence): SelfTest[] {
  const before = check(evidence.history, evidence.dump).counts
  return MUTATORS.map(({ name, invariant, mutate }) => {
    const mutated = mutate(evidence)
    if (mutated === undefined) return { name, invariant, outcome: 'inapplicable' }
    const after = check(mutated.history, mutated.dump).counts
    const isCaught = (after[invariant] ?? 0) > (before[invariant] ?? 0)
    return { name, invariant, outcome: isCaught ? 'caught' : 'missed' }
  })
}
