import { check, type Verdict } from './check.js'
import { MUTATORS } from './mutators.js'

export interface SelfTest {
  readonly name: string
  readonly invariant: string
  /** `inapplicable` where the evidence has nothing that it could be done to. */
  readonly outcome: 'caught' | 'missed' | 'inapplicable'
}

/** Tells every lie about a good run and looks whether the right check notices it. */
export const selfTest = ({ facts, counts: before }: Verdict): SelfTest[] => {
  const evidence = { history: facts.history, dump: facts.dump }
  return MUTATORS.map(({ name, invariant, mutate }) => {
    const mutated = mutate(evidence)
    if (mutated === undefined) return { name, invariant, outcome: 'inapplicable' }
    const after = check(mutated.history, mutated.dump, invariant).counts
    const isCaught = (after[invariant] ?? 0) > (before[invariant] ?? 0)
    return { name, invariant, outcome: isCaught ? 'caught' : 'missed' }
  })
}
