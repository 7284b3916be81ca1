import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'

/**
 * Calls `onEnd` once, when the answer has been handed over or can never be: the caller hung up. Node tells the answers that
 * stand behind another one on the same connection nothing of its end, so the connection itself is asked.
 */
export const onAnswerEnd = (
  { raw: { socket } }: FastifyRequest,
  { raw }: FastifyReply,
  onEnd: () => void,
): void => {
  const waiting = waitingOf(socket)
  const end = (): void => {
    if (waiting.delete(end)) onEnd()
  }
  waiting.add(end)
  raw.once('finish', end).once('close', end)
  if (socket.destroyed) end()
}

/** One listener for all requests of a connection. */
const waitingOf = (socket: Socket): Set<() => void> => {
  const known = endsOf.get(socket)
  if (known !== undefined) return known
  const waiting = new Set<() => void>()
  endsOf.set(socket, waiting)
  socket.once('close', () => {
    for (const end of [...waiting]) end()
  })
  return waiting
}

const endsOf = new WeakMap<Socket, Set<() => void>>()
