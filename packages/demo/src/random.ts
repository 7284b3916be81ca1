/** Repeatable random numbers: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  readonly next: () => number
  /** A whole number from `min` to `max`, both included. */
  readonly integer: (min: number, max: number) => number
  /** One of `choices`, which must not be empty. */
  readonly pick: <T>(choices: readonly T[]) => T
  /** Waiting time until the next event of a Poisson process with this mean between events. */
  readonly exponential: (mean: number) => number
  /** `count` different ones of `choices` (all of them where there are fewer), in random order. */
  readonly sample: <T>(choices: readonly T[], count: number) => T[]
}

/** Makes repeatable random numbers from a text (hashed with FNV-1a, drawn with mulberry32). */
export const createRandom = (seed: string): Random => {
  let state = hash(seed)

  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  const pick = <T>(choices: readonly T[]): T => {
    if (choices.length === 0) throw new TypeError('pick: there is nothing to choose from')
    // The index is inside the array; noUncheckedIndexedAccess cannot see it (T may include undefined).
    return choices[integer(0, choices.length - 1)] as T
  }
  const exponential = (mean: number): number => -Math.log(1 - next()) * mean
  const sample = <T>(choices: readonly T[], count: number): T[] =>
    choices
      .map((choice) => ({ choice, rank: next() }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, count)
      .map(({ choice }) => choice)

  return { next, integer, pick, exponential, sample }
}

const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return value | 0
}
