import { isWithinDepth } from '@uzima/contracts'
import { AppError, isOurFault, toAppError, wireError } from '../errors/app-error.js'
import type { RealtimeSocket } from '../middleware/socket-types.js'

/** Takes what a client sent with an event; resolves to what the answer holds beside `ok`, or throws an `AppError`. */
export type EventHandler = (payload: unknown) => Promise<object>

/** Says what the events of one socket do. */
export interface Dispatch {
  readonly handle: (event: string, handler: EventHandler) => void
}

/**
 * Stands before every event of a socket and is the only one that answers: `{ ok: true, ... }` or `{ ok: false, error }`,
 * where an answer was asked for. What is nested too deep for anybody to walk is refused, and so is an event that nobody
 * handles: Socket.IO would drop it, and the client wait for ever. A back end's own listeners get the rest.
 */
export const createDispatch = (
  socket: RealtimeSocket,
  onFailed: (what: string, error: unknown) => void,
): Dispatch => {
  const handlers = new Map<unknown, EventHandler>()

  const run = async (event: unknown, args: readonly unknown[]): Promise<object> => {
    try {
      if (!args.every(isShallow)) throw new AppError('EVENT_INVALID')
      const handler = handlers.get(event)
      if (handler === undefined) throw new AppError('EVENT_UNKNOWN')
      return { ok: true, ...(await handler(args[0])) }
    } catch (failure) {
      const error = toAppError(failure)
      if (isOurFault(error)) onFailed(`event ${String(event)}`, error.cause)
      return { ok: false, error: wireError(error) }
    }
  }

  socket.use(([event, ...args], next) => {
    // Asked by name, not by `listeners(event)`: that throws for `__proto__` and finds one for `constructor`.
    const isListenedTo = (socket.eventNames() as unknown[]).includes(event)
    if (isListenedTo && args.every(isShallow)) {
      next()
      return
    }
    // The last argument is the acknowledgement where the client asked for one.
    const ack: unknown = args.at(-1)
    void run(event, args).then((result) => {
      if (typeof ack === 'function') (ack as (result: object) => void)(result)
    })
  })

  return { handle: (event, handler) => handlers.set(event, handler) }
}

const isShallow = (arg: unknown): boolean => typeof arg === 'function' || isWithinDepth(arg)
