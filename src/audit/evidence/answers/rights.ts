import { isBy, isKind, type Fact } from './facts.js'

/** What somebody may see from a number of the log on. */
export type Rights = Fact<'right_change'>

/** Gathers who may see what, as it was at a moment. */
export interface RightsAt {
  readonly onFact: (fact: Fact) => void
  /** Of everybody who was there then and active. */
  readonly all: () => readonly Rights[]
}

export const createRightsAt = (moment: Date): RightsAt => {
  const newest = new Map<string, Rights>()
  return {
    onFact(fact) {
      if (!isKind(fact, 'right_change') || !isBy(fact.fields.at, moment)) return
      const id = String(fact.fields.userId)
      const known = newest.get(id)
      // By the numbers of the log, whatever the order in which they came in.
      if (known === undefined || Number(known.fields.seq) < Number(fact.fields.seq))
        newest.set(id, fact)
    },
    all: () =>
      [...newest.values()].filter(
        ({ fields }) => fields.isActive === true && fields.deleted !== true,
      ),
  }
}
