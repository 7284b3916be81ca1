import { leafOf, textsHash, type Fields } from './leaf.js'
import { nameOf, type LeafLine, type TreeLine } from './lines.js'
import { growTree } from './merkle.js'
import { parseNote, signerOf, type Head, type Note, type Verifier } from './note.js'
import { capital, rowsBetween, type Problems } from './problems.js'

/** One tree of an export, leaf by leaf. */
export interface TreeCheck {
  readonly origin: string
  readonly leaf: (line: LeafLine) => void
  readonly head: (note: string) => void
  /** After its last line. */
  readonly end: () => void
  readonly size: () => number
  readonly heads: () => number
  /** The newest head of the export that held, and the newest of those that came from outside. */
  readonly newest: () => Head | undefined
  readonly proven: () => Head | undefined
}

/** What a tree must agree with. */
export interface TreeExpectation {
  readonly keys: readonly Verifier[]
  /** Checkpoints from outside that are of this tree. */
  readonly outside: readonly Note[]
  /** The head of the tree before, where that is in the export, too. */
  readonly before: Head | undefined
  readonly problems: Problems
}

/** Throws `RangeError` where the beginning is none. */
export const createTreeCheck = (
  { origin, from, frontier }: TreeLine,
  { keys, outside, before, problems }: TreeExpectation,
): TreeCheck => {
  const tree = growTree(
    from,
    frontier.map((hash) => Buffer.from(hash, 'hex')),
  )
  const waiting = outside
    .filter(({ head }) => head.size >= Math.max(from, 1))
    .sort((a, b) => a.head.size - b.head.size)
  let next = from
  let gaps: { from: number; to: number }[] = []
  // Once a row is not in its place, or a root is another, no root after it can hold: what follows is no news.
  let isBroken = false
  let lastHead = from
  let heads = 0
  let newest: Head | undefined
  let proven: Head | undefined

  const place = (line: LeafLine): void => {
    const { n } = line
    if (n === next) {
      next += 1
      return
    }
    isBroken = true
    if (n > next) {
      gaps.push({ from: next, to: n - 1 })
      next = n + 1
      return
    }
    const gap = gaps.find(({ from: first, to }) => n >= first && n <= to)
    const after = (next - 1).toString()
    problems.add(
      gap === undefined
        ? `${rowName(line)} is there twice.`
        : `${rowName(line)} is not in its place: it stands after row ${after}.`,
    )
    gaps = gaps
      .flatMap((one) =>
        one === gap
          ? [
              { ...one, to: n - 1 },
              { from: n + 1, to: one.to },
            ]
          : [one],
      )
      .filter(({ from: first, to }) => first <= to)
  }

  /** Those of others that had this size. */
  const compareOutside = (): void => {
    for (let one = waiting[0]; one?.head.size === tree.size(); one = waiting[0]) {
      const { head } = one
      waiting.shift()
      if (isBroken) continue
      if (head.root === tree.root().toString('hex')) {
        proven = head
        continue
      }
      isBroken = true
      const first = proven?.size ?? from
      problems.add(
        `${capital(rowsBetween(first, head.size - 1))} are not those of the checkpoint of ${head.at}: they were changed, and signed anew.`,
      )
    }
  }

  const beginsRight = (row: Fields | undefined): boolean =>
    before === undefined ||
    (row?.[0] === 'tree' &&
      before.origin.endsWith(`/${String(row[1])}`) &&
      row[2] === before.size &&
      row[3] === before.root)

  return {
    origin,
    leaf(line) {
      if (!Number.isSafeInteger(line.n) || !HASH.test(line.leaf)) {
        problems.add('A row has no number, or no leaf.')
        return
      }
      place(line)
      if (line.n === 0 && !beginsRight(line.row)) {
        problems.add(`Row 0 of ${origin} is not the end of the tree before.`)
      }
      if (!contentHolds(line)) problems.add(`${rowName(line)} was changed.`)
      tree.append(Buffer.from(line.leaf, 'hex'))
      compareOutside()
    },
    head(text) {
      const note = typeof text === 'string' ? parseNote(text) : undefined
      if (note === undefined) {
        problems.add(`After row ${(next - 1).toString()} stands a head that is none.`)
        return
      }
      const { head } = note
      const signer = signerOf(note, keys)
      heads += 1
      if (signer === undefined) {
        problems.add(
          `The head at ${head.size.toString()} is not signed by a key that was given, or was changed.`,
        )
      }
      if (signer !== undefined && head.origin === origin && head.size > next) {
        gaps.push({ from: next, to: head.size - 1 })
        next = head.size
        isBroken = true
      }
      lastHead = Math.max(lastHead, head.size)
      if (isBroken) return
      if (head.origin !== origin || head.size !== tree.size()) {
        problems.add(`The head at ${head.size.toString()} is not in its place.`)
      } else if (head.root !== tree.root().toString('hex')) {
        isBroken = true
        problems.add(
          `${capital(rowsBetween(newest?.size ?? from, head.size - 1))} are not those that were signed at ${head.at}.`,
        )
      } else {
        newest = head
      }
    },
    end() {
      for (const { from: first, to } of gaps) {
        problems.add(`${capital(rowsBetween(first, to))} ${first === to ? 'is' : 'are'} missing.`)
      }
      const ends = next.toString()
      for (const { head } of waiting) {
        if (head.size <= next) continue
        problems.add(
          `The export ends at ${ends} rows, the checkpoint of ${head.at} says ${head.size.toString()}.`,
        )
      }
      if (!isBroken && lastHead < tree.size()) {
        problems.add(`${capital(rowsBetween(lastHead, tree.size() - 1))} are under no head.`)
      }
    },
    size: tree.size,
    heads: () => heads,
    newest: () => newest,
    proven: () => proven,
  }
}

const HASH = /^[0-9a-f]{64}$/

/** `Row 7 (stock_movement 12)`. */
export const rowName = (line: LeafLine): string => {
  const { kind, ref } = nameOf(line)
  return `Row ${line.n.toString()} (${kind} ${ref})`
}

/** Whether what is there of the row gives its leaf. Of one that is gone nobody can tell. */
const contentHolds = ({ row, texts, salt, withheld, absent, leaf }: LeafLine): boolean => {
  if (row === undefined) {
    return absent !== undefined && (texts ?? salt ?? withheld) === undefined
  }
  const isWhole = (texts === undefined) === (salt === undefined)
  if (absent !== undefined || !isWhole || (salt !== undefined && withheld !== undefined)) {
    return false
  }
  const hashed =
    texts === undefined || salt === undefined ? (withheld ?? null) : textsHash(salt, texts)
  return leafOf(row, hashed).toString('hex') === leaf
}
