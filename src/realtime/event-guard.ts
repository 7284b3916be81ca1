import { isWithinDepth } from '@uzima/contracts'
import { AppError, wireError } from '../errors/app-error.js'
import type { RealtimeSocket } from './socket-types.js'

/**
 * Stands before every handler of a socket: what is nested too deep for a handler to walk is refused, and an event that
 * nobody listens to is answered where an answer was asked for. Socket.IO would drop it, and the client wait for ever.
 */
export const guardEvents = (socket: RealtimeSocket): void => {
  socket.use(([event, ...args], next) => {
    if (!args.every((arg) => typeof arg === 'function' || isWithinDepth(arg))) {
      answer(args.at(-1), new AppError('EVENT_INVALID'))
      return
    }
    // Asked by name, not by `listeners(event)`: that throws for `__proto__` and finds one for `constructor`.
    if (!(socket.eventNames() as unknown[]).includes(event)) {
      answer(args.at(-1), new AppError('EVENT_UNKNOWN'))
      return
    }
    next()
  })
}

const answer = (ack: unknown, error: AppError): void => {
  // The last argument is the acknowledgement where the client asked for one.
  if (typeof ack !== 'function') return
  const acknowledge = ack as (result: unknown) => void
  acknowledge({ ok: false, error: wireError(error) })
}
