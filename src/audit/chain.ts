import { hash } from 'node:crypto'
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

export interface ChainedRow extends LogContent {
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

/** Gives each row its number and its link to the one before, from `head` on. */
export const chainRows = (
  run: NodeRun,
  head: ChainHead,
  contents: readonly LogContent[],
): ChainedRow[] => {
  let last = head
  return contents.map((content) => {
    // Member by member: a spread takes ten times as long, and there are two records for each connection.
    const { at, outcome, code, userId, ip, userAgent, origin, transport, socketId, count } = content
    // prettier-ignore
    const chained = {
      at, outcome, code, userId, ip, userAgent, origin, transport, socketId, count,
      node: run.name, nodeSeq: last.seq + 1, prevHash: last.hash, hash: '',
    }
    chained.hash = rowHash(run.id, chained)
    last = { seq: chained.nodeSeq, hash: chained.hash }
    return chained
  })
}

/**
 * SHA-256 over the hash of the row before and the row as a JSON array, its members in the order below. Anybody with a
 * copy of the table can compute it again.
 */
export const rowHash = (nodeRun: string, row: Omit<ChainedRow, 'hash'>): string =>
  sha256(
    row.prevHash +
      JSON.stringify([
        nodeRun,
        row.nodeSeq,
        row.at,
        row.outcome,
        row.code,
        row.userId,
        row.ip,
        row.userAgent,
        row.origin,
        row.transport,
        row.node,
        row.socketId,
        row.count,
      ]),
  )

const sha256 = (text: string): string => hash('sha256', text)
