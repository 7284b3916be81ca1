import { hash, randomBytes } from 'node:crypto'
import type { AttemptOutcome } from '@uzima/contracts'

/** What a row of `connection_log` says, before it has its place in a chain. */
export interface LogContent {
  /** ISO 8601 in UTC with six digits after the second: what PostgreSQL keeps, so that no edit hides below a millisecond. */
  readonly at: string
  readonly outcome: AttemptOutcome
  /** Why it was refused, aborted or closed: a code of the contract, or `NODE_LOST`. */
  readonly code: string | null
  readonly userId: string | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly origin: string | null
  readonly transport: string | null
  readonly socketId: string | null
  /** Attempts that the row stands for. */
  readonly count: number
}

/** One run of a node: from the start of its process to its end. */
export interface NodeRun {
  /** A UUID made at the start of the process. */
  readonly id: string
  /** The name that people give the node; several runs may have it. */
  readonly name: string
}

/** The end of a chain: the number and the hash of its newest row. */
export interface ChainHead {
  readonly seq: number
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string
}

/** Rows that are written together, with the salt that each keeps however often they are tried. */
export interface LogBatch {
  readonly rows: readonly LogContent[]
  /** 32 hexadecimal digits for each row. */
  readonly salts: string
}

export interface ChainedRow extends LogContent {
  /** 32 hexadecimal digits; null for a row of the first kind, whose hash covers the texts themselves. */
  readonly salt: string | null
  readonly node: string
  readonly nodeSeq: number
  readonly prevHash: string
  readonly hash: string
}

/** The head of a chain without rows: its hash is made of the run's id, so that no chain can pass for another. */
export const genesis = (nodeRun: string): ChainHead => ({
  seq: 0,
  hash: sha256(`connection_log ${nodeRun}`),
})

const SALT_BYTES = 16
const SALT_DIGITS = 2 * SALT_BYTES

/** Draws the salts: once for a batch, because its hashes are how a commit of unknown outcome is recognised. */
export const batchOf = (rows: readonly LogContent[]): LogBatch => ({
  rows,
  salts: randomBytes(SALT_BYTES * rows.length).toString('hex'),
})

/** Gives each row its number and its link to the one before, from `head` on. */
export const chainRows = (
  run: NodeRun,
  head: ChainHead,
  { rows, salts }: LogBatch,
): ChainedRow[] => {
  let last = head
  return rows.map((content, index) => {
    // Member by member: a spread takes ten times as long, and there are two records for each connection.
    const { at, outcome, code, userId, ip, userAgent, origin, transport, socketId, count } = content
    // prettier-ignore
    const chained = {
      at, outcome, code, userId, ip, userAgent, origin, transport, socketId, count,
      salt: salts.slice(index * SALT_DIGITS, (index + 1) * SALT_DIGITS),
      node: run.name, nodeSeq: last.seq + 1, prevHash: last.hash, hash: '',
    }
    chained.hash = hashOf(run.id, chained, [textsHash(chained.salt, chained)])
    last = { seq: chained.nodeSeq, hash: chained.hash }
    return chained
  })
}

/** A row as it is kept. */
export interface KeptRow extends Omit<ChainedRow, 'hash' | 'salt'> {
  /** Missing or null: a row of the first kind, or of a person who was erased. */
  readonly salt?: string | null
  /** Of a person who was erased: what stood for the texts; empty where the row is of the first kind. */
  readonly texts?: string | null
}

/**
 * SHA-256 over the hash of the row before and the row as a JSON array, its members in the order below; anybody with a copy of
 * the table can compute it again. Of a row of the second kind one hash stands for address, browser and origin, so that they
 * can be erased and the rest still be proven; nodes of the version before write the first kind. Undefined where nobody can
 * tell: the row is of the first kind and its person was erased.
 */
export const rowHash = (nodeRun: string, row: KeptRow): string | undefined => {
  const { salt, texts } = row
  if (texts === '') return undefined
  if (typeof texts === 'string') return hashOf(nodeRun, row, [texts])
  if (typeof salt === 'string') return hashOf(nodeRun, row, [textsHash(salt, row)])
  return hashOf(nodeRun, row, [row.ip, row.userAgent, row.origin])
}

const hashOf = (nodeRun: string, row: KeptRow, texts: readonly (string | null)[]): string =>
  sha256(
    row.prevHash +
      JSON.stringify([
        nodeRun,
        row.nodeSeq,
        row.at,
        row.outcome,
        row.code,
        row.userId,
        ...texts,
        row.transport,
        row.node,
        row.socketId,
        row.count,
      ]),
  )

/**
 * What stands for the texts of a row: SHA-256 over its salt, in hexadecimal digits, and the three as a JSON array. Without
 * the salt nobody can find them out by trying; `erase_person()` computes the same before it forgets both.
 */
const textsHash = (
  salt: string,
  { ip, userAgent, origin }: Pick<LogContent, 'ip' | 'userAgent' | 'origin'>,
): string => sha256(salt + JSON.stringify([ip, userAgent, origin]))

const sha256 = (text: string): string => hash('sha256', text)
