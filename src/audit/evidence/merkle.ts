import { hash } from 'node:crypto'

/** Hashes of a tree as RFC 9162, section 2.1 makes it. 32 bytes each. */
export type Hash = Buffer

const NODE = Buffer.from([1])
const HASH_BYTES = 32

/** The hash of a leaf, whose data is `text` as UTF-8. */
export const leafHash = (text: string): Hash => hash('sha256', `\0${text}`, 'buffer')

const nodeHash = (left: Hash, right: Hash): Hash =>
  hash('sha256', Buffer.concat([NODE, left, right]), 'buffer')

/** A tree that grows, in the memory of at most 53 hashes: those of its full subtrees, the largest first. */
export interface Tree {
  readonly size: () => number
  readonly append: (leaf: Hash) => void
  readonly root: () => Hash
  /** From which `growTree` goes on. */
  readonly frontier: () => Hash[]
}

/** The tree of `size` leaves whose frontier is given; throws `RangeError` where they do not fit. */
export const growTree = (size = 0, frontier: readonly Hash[] = []): Tree => {
  if (frontier.length !== bitsIn(size)) {
    throw new RangeError(
      `A tree of ${size.toString()} leaves has no frontier of ${frontier.length.toString()} hashes.`,
    )
  }
  let leaves = size
  const subtrees = [...frontier]
  return {
    size: () => leaves,
    append(leaf) {
      let merged = leaf
      // Each 1 at the end of the old size is a subtree as large as what is merged by then.
      for (let rest = leaves; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        merged = nodeHash(subtrees.pop() ?? merged, merged)
      }
      subtrees.push(merged)
      leaves += 1
    },
    root: () =>
      subtrees.length === 0
        ? hash('sha256', '', 'buffer')
        : subtrees.reduceRight((right, left) => nodeHash(left, right)),
    frontier: () => [...subtrees],
  }
}

/** Hashes one after the other, as the database keeps a frontier. */
export const splitHashes = (bytes: Uint8Array): Hash[] =>
  Array.from({ length: bytes.length / HASH_BYTES }, (_, at) =>
    Buffer.from(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  )

const bitsIn = (size: number): number => {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
