import { readExport } from './export-lines.js'
import { PRUNED_KINDS } from './kinds.js'
import type { Fields, Texts } from './leaf.js'
import { nameOf, type ConnectionLine, type LeafLine, type TreeLine } from './lines.js'
import { signerOf, type Head, type Note, type Verifier } from './note.js'
import { createProblems } from './problems.js'
import { createConnectionCheck } from './verify-connections.js'
import { createTreeCheck, rowName, type TreeCheck } from './verify-tree.js'

/** What an export proves. */
export interface EvidenceVerdict {
  readonly holds: boolean
  /** What does not hold, by its row; empty where all does. At most 50 sentences, and one that counts the rest. */
  readonly problems: readonly string[]
  /** The first row of the first tree that is in it: 0 where it is the whole. */
  readonly from: number
  readonly rows: number
  readonly connections: number
  readonly heads: number
  /** Rows whose personal texts were erased; what else they say is proven. */
  readonly withheld: number
  /** Rows that retention has removed; their leaves are there. */
  readonly pruned: number
  /** The newest checkpoint from outside that the export agrees with: so far nobody can have changed anything since. */
  readonly provenTo: Head | null
  /** The newest head in the export itself: whoever has database and key could have made it later. */
  readonly signedTo: Head | null
}

export interface VerifyExportOptions {
  /** Signed heads that came another way than the export. */
  readonly checkpoints: readonly Note[]
  readonly keys: readonly Verifier[]
  /** Told each row and each connection as it is read; what they say counts only where the verdict holds. */
  readonly onRow?: (row: Fields, texts: Texts | undefined, n: number) => void
  readonly onConnection?: (row: ConnectionLine) => void
}

const YOUNGEST_PRUNED_MS = 30 * 86_400_000

/**
 * Verifies an export with nothing but checkpoints and public keys, in bounded memory. Rejects where the file is no export.
 */
export const verifyExport = async (
  chunks: AsyncIterable<Uint8Array>,
  { checkpoints, keys, onRow, onConnection }: VerifyExportOptions,
): Promise<EvidenceVerdict> => {
  const problems = createProblems()
  const connections = createConnectionCheck(problems)
  const given = checkpoints.filter((note) => {
    if (signerOf(note, keys) !== undefined) return true
    const { size, at } = note.head
    problems.add(
      `The checkpoint of ${at} at ${size.toString()} is not signed by a key that was given, or was changed.`,
    )
    return false
  })
  const trees: TreeCheck[] = []
  let tree: TreeCheck | undefined
  let from = 0
  let rows = 0
  let withheld = 0
  let pruned = 0
  // With the moment before which it must have been written, to be compared when the newest is known.
  const gone: { says: string; before: string | undefined }[] = []
  let unheaded: LeafLine[] = []

  const begin = (line: TreeLine): void => {
    tree?.end()
    const before = tree?.newest()
    if (tree === undefined) from = line.from
    if (tree === undefined && line.from === 0 && !/^uzima\/(\S+)\/\1$/.test(line.origin)) {
      problems.add(`The trees before ${line.origin} are missing.`)
    }
    try {
      const outside = given.filter(({ head }) => head.origin === line.origin)
      tree = createTreeCheck(line, { keys, outside, before, problems })
      trees.push(tree)
    } catch {
      problems.add(`The tree ${line.origin} has no beginning.`)
    }
  }

  const takeLeaf = (line: LeafLine): void => {
    tree?.leaf(line)
    connections.leaf(line)
    rows += 1
    if (line.withheld !== undefined) withheld += 1
    if (line.row !== undefined) onRow?.(line.row, line.texts, line.n)
    else if (PRUNED_KINDS.has(nameOf(line).kind)) unheaded.push(line)
    else problems.add(`${rowName(line)} is gone: only its leaf is left.`)
  }

  const takeHead = (note: string): void => {
    tree?.head(note)
    const at = tree?.newest()?.at
    for (const line of unheaded) {
      pruned += 1
      // Heads come in the order of time: the last of them is the youngest.
      gone[0] = { says: `${rowName(line)} is gone: only its leaf is left`, before: at }
    }
    unheaded = []
  }

  for await (const line of readExport(chunks, problems)) {
    if ('tree' in line) begin(line.tree)
    else if ('head' in line) takeHead(line.head)
    else if ('connection' in line) {
      connections.row(line.connection)
      onConnection?.(line.connection)
    } else if ('n' in line) {
      if (tree === undefined) problems.add(`${rowName(line)} is in no tree.`)
      takeLeaf(line)
    }
  }
  tree?.end()

  const signedTo = trees.findLast((one) => one.newest() !== undefined)?.newest() ?? null
  const youngest = signedTo === null ? -Infinity : Date.parse(signedTo.at) - YOUNGEST_PRUNED_MS
  for (const { says, before } of [...gone, ...connections.gone()]) {
    if (!(Date.parse(before ?? '') < youngest)) problems.add(`${says}.`)
  }
  for (const { head } of given) {
    if (!trees.some(({ origin }) => origin === head.origin)) {
      problems.add(`The checkpoint is of ${head.origin}, which is not in the export.`)
    }
  }
  const provenTo = trees.findLast((one) => one.proven() !== undefined)?.proven() ?? null
  if (given.length > 0 && provenTo === null && !problems.any()) {
    problems.add('No checkpoint is of what is in the export: it begins after all of them.')
  }
  return {
    holds: !problems.any(),
    problems: problems.list(),
    from,
    rows,
    connections: connections.count(),
    heads: trees.reduce((sum, one) => sum + one.heads(), 0),
    withheld,
    pruned,
    provenTo,
    signedTo,
  }
}
