import type { KeptRow } from '../chain.js'
import type { Fields, Texts } from './leaf.js'
import type { RowName } from './rows.js'

/** A row of a node's chain of connections. */
export interface ConnectionLine extends KeptRow {
  readonly nodeRun: string
  readonly hash: string
}

/** A leaf, with as much of its row as there still is. */
export interface LeafLine {
  readonly n: number
  /** Kind, ref, fields. */
  readonly row?: Fields
  readonly texts?: Texts
  readonly salt?: string
  /** Where the texts were erased: what stands for them in the leaf. */
  readonly withheld?: string
  /** Kind and ref, where the row itself is gone. */
  readonly absent?: readonly [kind: string, ref: string]
  readonly leaf: string
}

/** Begins a tree. `from` and `frontier` are not 0 and empty where the export leaves out what was before. */
export interface TreeLine {
  readonly origin: string
  readonly from: number
  readonly frontier: readonly string[]
}

/** One line of an export, by what it has. */
export type ExportLine =
  | { readonly uzima: 'evidence'; readonly version: 1 }
  | { readonly tree: TreeLine }
  | { readonly connection: ConnectionLine }
  | LeafLine
  | { readonly head: string }
  | { readonly end: EndLine }

/** The last line: how many stand before it, and SHA-256 over them as they are. */
export interface EndLine {
  readonly lines: number
  readonly sha256: string
}

/** The line as it stands in the file: exactly these members, in this order, so that each of its bytes counts. */
export const writeExportLine = (line: ExportLine): string => JSON.stringify(inOrder(line))

const inOrder = (line: ExportLine): object => {
  if ('uzima' in line) return { uzima: line.uzima, version: line.version }
  if ('tree' in line) {
    const { origin, from, frontier } = line.tree
    return { tree: { origin, from, frontier } }
  }
  if ('head' in line) return { head: line.head }
  if ('end' in line) return { end: { lines: line.end.lines, sha256: line.end.sha256 } }
  if ('connection' in line) {
    const row = line.connection
    // prettier-ignore
    const { nodeRun, nodeSeq, at, outcome, code, userId, ip, userAgent, origin, transport, node, socketId, count,
      prevHash, hash, salt, texts } = row
    // prettier-ignore
    return { connection: { nodeRun, nodeSeq, at, outcome, code, userId, ip, userAgent, origin, transport, node, socketId,
      count, prevHash, hash, salt, texts } }
  }
  // What is undefined is left out.
  const { n, row, texts, salt, withheld, absent, leaf } = line
  return { n, row, texts, salt, withheld, absent, leaf }
}

/** The name of a leaf's row, as people look for it. */
export const nameOf = ({ row, absent }: LeafLine): RowName => ({
  kind: String(row?.[0] ?? absent?.[0]),
  ref: String(row?.[1] ?? absent?.[1]),
})
