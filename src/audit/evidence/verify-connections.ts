import { genesis, rowHash, type ChainHead } from '../chain.js'
import type { ConnectionLine, LeafLine } from './lines.js'
import type { Problems } from './problems.js'
import { rowsBetween } from './problems.js'

/** Compares the connections of each node with the leaves that cover them. */
export interface ConnectionCheck {
  readonly row: (line: ConnectionLine) => void
  /** Each leaf, after the rows before it. */
  readonly leaf: (line: LeafLine) => void
  /** How many rows held so far. */
  readonly count: () => number
  /** Rows at the beginning of a chain that are gone, told with the moment of the oldest that is left. */
  readonly gone: () => readonly { readonly says: string; readonly before: string }[]
}

interface Group {
  readonly run: string
  readonly node: string
  readonly first: number
  readonly at: string
}

const underNoLeaf = ({ node, run }: Group): string =>
  `Connections: rows of node ${node} (run ${run}) are under no leaf.`

export const createConnectionCheck = (problems: Problems): ConnectionCheck => {
  const runs = new Map<string, ChainHead>()
  const gone: { says: string; before: string }[] = []
  let count = 0
  // The rows since the last leaf: they belong to the next one.
  let group: Group | undefined

  const row = (line: ConnectionLine): void => {
    const { nodeRun, node, nodeSeq, prevHash, hash, at } = line
    const name = `of node ${node} (run ${nodeRun})`
    const before = runs.get(nodeRun) ?? (nodeSeq === 1 ? genesis(nodeRun) : undefined)
    if (before !== undefined && nodeSeq !== before.seq + 1) {
      const missing =
        nodeSeq > before.seq + 1
          ? `${rowsBetween(before.seq + 1, nodeSeq - 1)} ${name} are missing`
          : `row ${nodeSeq.toString()} ${name} stands after row ${before.seq.toString()}`
      problems.add(`Connections: ${missing}.`)
    } else if (before !== undefined && prevHash !== before.hash) {
      problems.add(
        `Connections: row ${nodeSeq.toString()} ${name} is not linked to the row before.`,
      )
    }
    // Of a person who was erased, in a row of the first kind: nobody can tell; the leaf still covers its hash.
    const computed = rowHash(nodeRun, line)
    if (computed !== undefined && computed !== hash) {
      problems.add(`Connections: row ${nodeSeq.toString()} ${name} was changed.`)
    }
    runs.set(nodeRun, { seq: nodeSeq, hash })
    group ??= { run: nodeRun, node, first: nodeSeq, at }
    if (group.run !== nodeRun) problems.add(underNoLeaf(group))
    count += 1
  }

  const leaf = ({ row: found, absent }: LeafLine): void => {
    const [kind, ref, hash] = found ?? absent ?? []
    const rows = group
    group = undefined
    if (kind !== 'connections' || typeof ref !== 'string') {
      if (rows !== undefined) problems.add(underNoLeaf(rows))
      return
    }
    const [run = '', first = '', last = ''] = ref.split(/:|-(?=\d+$)/)
    const head = runs.get(run)
    if (rows !== undefined && (rows.run !== run || found === undefined)) {
      problems.add(underNoLeaf(rows))
    }
    if (found !== undefined && (head?.seq !== Number(last) || head.hash !== hash)) {
      problems.add(
        `Connections: the rows of run ${run} do not end at row ${last} as their leaf says.`,
      )
    }
    if (rows !== undefined && rows.first > Number(first)) {
      gone.push({
        says: `Connections: ${rowsBetween(Number(first), rows.first - 1)} of node ${rows.node} (run ${run}) are missing`,
        before: rows.at,
      })
    }
  }

  return { row, leaf, count: () => count, gone: () => gone }
}
