import { createHash } from 'node:crypto'
import type { Queryable } from '../../storage/database.js'
import { writeExportLine, type ConnectionLine, type ExportLine, type LeafLine } from './lines.js'
import { growTree, splitHashes, type Hash } from './merkle.js'
import { readEvidenceRows } from './rows.js'

export interface ExportOptions {
  /** Leaves out what the newest tree has before this leaf, and the trees before it. Default 0: everything. */
  readonly from?: number
  /** Leaves for each statement. Default 1,000. */
  readonly pageSize?: number
}

/**
 * The evidence as lines of JSON without their line ends: every leaf up to the newest signed head, its row where it still is, the
 * connections below it, and all heads. In the memory of a page, while nodes write. Throws `RangeError` for a `from` beyond it.
 */
export const exportEvidence = async function* (
  database: Queryable,
  options: ExportOptions = {},
): AsyncGenerator<string> {
  const digest = createHash('sha256')
  let lines = 0
  for await (const line of linesOf(database, options)) {
    const text = writeExportLine(line)
    digest.update(`${text}\n`)
    lines += 1
    yield text
  }
  yield writeExportLine({ end: { lines, sha256: digest.digest('hex') } })
}

interface SignedTree {
  readonly tree: number
  readonly origin: string
  /** Of its newest head. */
  readonly size: number
}

const linesOf = async function* (
  database: Queryable,
  { from = 0, pageSize = 1_000 }: ExportOptions,
): AsyncGenerator<ExportLine> {
  yield { uzima: 'evidence', version: 1 }
  const trees = await database.query<SignedTree>(
    `select tree, split_part((array_agg(note order by size))[1], E'\\n', 1) as origin, max(size) as size
     from checkpoints group by tree order by tree`,
  )
  const newest = trees.at(-1)
  if (from > (newest?.size ?? 0)) {
    throw new RangeError(`The newest head has ${(newest?.size ?? 0).toString()} leaves.`)
  }
  for (const tree of from === 0 ? trees : trees.slice(-1)) {
    const frontier = await frontierAt(database, tree, from, pageSize)
    yield {
      tree: { origin: tree.origin, from, frontier: frontier.map((hash) => hash.toString('hex')) },
    }
    for (let next = from; next < tree.size; next += pageSize) {
      yield* leavesOf(database, tree, next, Math.min(next + pageSize, tree.size))
    }
  }
}

/** Worked out anew from the leaves before. */
const frontierAt = async (
  database: Queryable,
  { tree }: SignedTree,
  size: number,
  pageSize: number,
): Promise<Hash[]> => {
  const grown = growTree()
  for (let next = 0; next < size; next += pageSize) {
    const [page] = await database.query<{ leaves: Uint8Array }>(
      `select string_agg(leaf, ''::bytea order by n) as leaves from evidence where tree = $1 and n >= $2 and n < $3`,
      [tree, next, Math.min(next + pageSize, size)],
    )
    for (const leaf of splitHashes(page?.leaves ?? Buffer.of())) grown.append(leaf)
  }
  return grown.frontier()
}

interface StoredLeaf {
  readonly n: number
  readonly kind: string
  readonly ref: string
  readonly leaf: string
  readonly textsHash: string | null
  readonly salt: string | null
}

const leavesOf = async function* (
  database: Queryable,
  { tree }: SignedTree,
  from: number,
  to: number,
): AsyncGenerator<ExportLine> {
  const leaves = await database.query<StoredLeaf>(
    `select n, kind, ref, encode(leaf, 'hex') as leaf, encode(texts_hash, 'hex') as "textsHash", encode(salt, 'hex') as salt
     from evidence where tree = $1 and n >= $2 and n < $3 order by n`,
    [tree, from, to],
  )
  const heads = await database.query<{ size: number; note: string }>(
    'select size, note from checkpoints where tree = $1 and size > $2 and size <= $3 order by size',
    [tree, from, to],
  )
  const rows = await readEvidenceRows(database, leaves)
  let nextHead = 0
  for (const [at, stored] of leaves.entries()) {
    const { n, kind, ref, leaf, textsHash, salt } = stored
    if (kind === 'connections') yield* connectionsOf(database, ref)
    const found = rows[at]
    if (found === undefined) yield { n, absent: [kind, ref], leaf }
    else yield { n, row: found.row, ...textsOf(found.texts, textsHash, salt), leaf }
    for (; heads[nextHead]?.size === n + 1; nextHead += 1) {
      yield { head: heads[nextHead]?.note ?? '' }
    }
  }
}

const textsOf = (
  texts: NonNullable<LeafLine['texts']>,
  textsHash: string | null,
  salt: string | null,
): Partial<LeafLine> => {
  if (textsHash === null) return {}
  return salt === null ? { withheld: textsHash } : { texts, salt }
}

const CONNECTIONS_AT_ONCE = 2_000

/** What a leaf `<run>:<first>-<last>` covers, as far as it is still there. */
const connectionsOf = async function* (
  database: Queryable,
  ref: string,
): AsyncGenerator<{ readonly connection: ConnectionLine }> {
  const [run = '', first = '', last = ''] = ref.split(/:|-(?=\d+$)/)
  for (let after = Number(first) - 1; after < Number(last);) {
    const rows = await database.query<ConnectionLine>(
      `select node_run::text as "nodeRun", node_seq as "nodeSeq", outcome, code, user_id as "userId", ip,
         user_agent as "userAgent", origin, transport, node, socket_id as "socketId", count,
         to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
         encode(prev_hash, 'hex') as "prevHash", encode(hash, 'hex') as hash, encode(salt, 'hex') as salt,
         encode(texts_hash, 'hex') as texts
       from connection_log where node_run = $1::uuid and node_seq > $2 and node_seq <= $3 order by node_seq limit $4`,
      [run, after, last, CONNECTIONS_AT_ONCE],
    )
    for (const connection of rows) yield { connection }
    if (rows.length < CONNECTIONS_AT_ONCE) return
    after = rows.at(-1)?.nodeSeq ?? Number(last)
  }
}
