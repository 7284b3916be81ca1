import type { Fact } from './facts.js'
import { isKind, objectOf } from './facts.js'

/** Users by id, as the changes of their records tell. */
export interface People {
  readonly onFact: (fact: Fact) => void
  /** The newest name; the id where it was withheld. */
  readonly nameOf: (id: string) => string
  /** Whether somebody of this id has, or ever had, the name. */
  readonly isCalled: (id: string, idOrName: string) => boolean
}

export const createPeople = (): People => {
  const names = new Map<string, string[]>()
  return {
    onFact(fact) {
      if (!isKind(fact, 'record_change') || fact.fields.record !== 'users') return
      const { username } = objectOf(fact.texts.personalAfter)
      if (typeof username !== 'string') return
      const id = String(fact.fields.key)
      names.set(id, [...(names.get(id) ?? []), username])
    },
    nameOf: (id) => names.get(id)?.at(-1) ?? id,
    isCalled: (id, idOrName) =>
      id === idOrName ||
      (names.get(id) ?? []).some((name) => name.toLowerCase() === idOrName.toLowerCase()),
  }
}
