import type { ConnectionLine } from '../lines.js'
import type { Answer, AnswerRow } from './facts.js'
import { createPeople } from './people.js'

/** Who was connected at the moment: each socket that was accepted by then and not closed. */
export const connectedAt = (moment: Date): Answer => {
  const people = createPeople()
  const open = new Map<string, ConnectionLine>()
  const last = moment.toISOString().replace('Z', '999Z')
  return {
    onFact: people.onFact,
    onConnection(row) {
      if (row.at > last || row.socketId === null) return
      const socket = `${row.nodeRun} ${row.socketId}`
      if (row.outcome === 'accepted') open.set(socket, row)
      else if (row.outcome === 'closed') open.delete(socket)
    },
    rows: () =>
      [...open.values()].map(
        ({ userId, at, node, socketId, ip, userAgent, nodeRun, nodeSeq }): AnswerRow => ({
          user: userId === null ? null : people.nameOf(userId),
          ...{ userId, since: at, node, socketId, ip, userAgent },
          row: `${nodeRun}:${nodeSeq.toString()}`,
        }),
      ),
  }
}
