/** A stream of numbers that is a pure function of its seed. */
export interface Random {
  /** At least 0, less than 1. */
  readonly next: () => number
  /** A whole number from `low` to `high`, both included. */
  readonly int: (low: number, high: number) => number
  readonly pick: <T>(from: readonly T[]) => T
  readonly chance: (probability: number) => boolean
  /** The same members in another order. */
  readonly shuffled: <T>(from: readonly T[]) => T[]
  /** A stream of its own, named, so that who draws more elsewhere changes nothing here. */
  readonly fork: (name: string) => Random
}

/** Makes the stream of `seed`: mulberry32, which is small and good enough to schedule faults. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0

  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const pick = <T>(from: readonly T[]): T => {
    if (from.length === 0) throw new RangeError('Nothing to pick from.')
    // The index is within the array, which was just seen to have members.
    return from[int(0, from.length - 1)] as T
  }
  const shuffled = <T>(from: readonly T[]): T[] =>
    from
      .map((value) => ({ value, rank: next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ value }) => value)

  return {
    next,
    int,
    pick,
    chance: (probability) => next() < probability,
    shuffled,
    fork: (name) => createRandom(hashOf(`${String(seed)}/${name}`)),
  }
}

/** FNV-1a. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return hash >>> 0
}
