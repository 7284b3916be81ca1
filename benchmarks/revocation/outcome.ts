import type { Revocation } from '@uzima/contracts'
import type { Revoked, Way } from './drive.js'
import type { Load } from './load.js'
import { acknowledgedAfterMs } from './proof.js'

/** What became of one revocation; times in ms since COMMIT was sent. */
export interface Outcome {
  readonly way: Way
  readonly seq: number
  /** Until COMMIT was answered. */
  readonly committedMs: number
  /** Until the client of the last socket saw its end, or its other role; undefined where one never did. */
  readonly lastMs: number | undefined
  readonly sockets: readonly {
    readonly transport: string
    readonly node: number
    readonly endedMs: number | undefined
    /** Stock events that are numbered after the revocation. */
    readonly numberedAfter: number
    /** What the same count finds where the revocation is taken for 3 numbers early. */
    readonly foundIfEarly: number
    readonly refusal: string | undefined
  }[]
  readonly stages: readonly number[] | undefined
  /** From the commit to the acknowledgement of the last node; undefined where one lacks. */
  readonly acknowledgedMs: number | undefined
  /** Sockets that the nodes say they have closed or moved. */
  readonly told: number
}

/** One condition, measured. */
export interface Measured {
  readonly told: string
  readonly seconds: number
  readonly changes: number
  readonly cores: Load
  readonly outcomes: readonly Outcome[]
}

/** What became of the revocation, by its proof and by what its clients saw. */
export const outcomeOf = (
  { way, sentAt, committedAt, sockets }: Revoked,
  proof: Revocation,
  stages: number[] | undefined,
): Outcome => {
  const ends = sockets.flatMap((s) => (way === 'role changed' ? s.movedAt() : s.endedAt()) ?? [])
  const countAfter = (seqs: readonly number[], seq: number): number =>
    seqs.filter((number) => number > seq).length
  return {
    way,
    seq: proof.seq,
    committedMs: committedAt - sentAt,
    lastMs: ends.length === sockets.length ? Math.max(...ends) - sentAt : undefined,
    sockets: sockets.map(({ transport, node, endedAt, seqs, refusal }) => ({
      transport,
      node,
      endedMs: way === 'role changed' ? undefined : (endedAt() ?? Number.NaN) - sentAt,
      numberedAfter: countAfter(seqs, proof.seq),
      foundIfEarly: countAfter(seqs, proof.seq - 3),
      refusal: refusal(),
    })),
    stages,
    acknowledgedMs: acknowledgedAfterMs(proof, sockets.length),
    told: proof.nodes.reduce(
      (sum, { socketsClosed, socketsMoved }) => sum + (socketsClosed ?? 0) + (socketsMoved ?? 0),
      0,
    ),
  }
}
