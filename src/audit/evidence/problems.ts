/** What does not hold, in sentences, the first ones only. */
export interface Problems {
  readonly add: (sentence: string) => void
  readonly any: () => boolean
  /** The sentences, and how many more there were. */
  readonly list: () => string[]
}

const KEPT = 50

export const createProblems = (): Problems => {
  const kept: string[] = []
  let more = 0
  return {
    add(sentence) {
      if (kept.length < KEPT) kept.push(sentence)
      else more += 1
    },
    any: () => kept.length > 0,
    list: () => (more === 0 ? [...kept] : [...kept, `And ${more.toString()} more.`]),
  }
}

/** `row 7`, `rows 7..9`. */
export const rowsBetween = (first: number, last: number): string =>
  first === last ? `row ${first.toString()}` : `rows ${first.toString()}..${last.toString()}`

export const capital = (sentence: string): string =>
  sentence.slice(0, 1).toUpperCase() + sentence.slice(1)
