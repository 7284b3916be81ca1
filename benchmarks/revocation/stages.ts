import type { Revoked } from './drive.js'
import type { Watched } from './client.js'
import type { NodeMoments } from './moments.js'

/** What happens one after the other between the sending of COMMIT and the end of a socket. */
export const STAGES = [
  'PostgreSQL: COMMIT is carried out and written, and NOTIFY tells the node',
  'the node ends the read of the log that is under way',
  'the node reads the log: its question, PostgreSQL, the answer',
  'the node finds the sessions, and writes notice, close frame and end of TCP',
  'the client takes in the notice',
  'the client answers the close frame, and has no socket any more',
] as const

/**
 * Milliseconds of each stage, for the WebSocket of the user that ended last; undefined where there is none, and where a role
 * was changed, which ends none.
 */
export const stagesOf = (
  { way, sentAt, sockets }: Revoked,
  seq: number,
  nodes: readonly NodeMoments[],
): number[] | undefined => {
  const last = lastOf(sockets.filter(({ port }) => port() > 0))
  const [toldAt, endedAt] = [last?.toldAt(), last?.endedAt()]
  if (way === 'role changed' || last === undefined) return undefined
  if (toldAt === undefined || endedAt === undefined) return undefined
  const { notified = [], reads = [], closings = [] } = nodes[last.node] ?? {}
  const read = reads.find(({ head }) => head >= seq)
  // Ports come again; the next close after COMMIT was sent is that of this connection.
  const closing = closings.find(
    ({ port, writtenAt }) => port === last.port() && writtenAt >= sentAt,
  )
  if (read === undefined || closing === undefined) return undefined
  // A read that was asked for by a commit just before may find this one, too.
  const notifiedAt = Math.min(notified.find((at) => at >= sentAt) ?? read.begunAt, read.begunAt)
  const ends = [notifiedAt, read.begunAt, read.endedAt, closing.writtenAt, toldAt, endedAt]
  return ends.map((at, index) => at - (ends[index - 1] ?? sentAt))
}

const lastOf = (sockets: readonly Watched[]): Watched | undefined =>
  [...sockets].sort((a, b) => (b.endedAt() ?? 0) - (a.endedAt() ?? 0))[0]
