import { isWithinDepth } from '@uzima/contracts'
import { AppError, isOurFault, toAppError, wireError } from '../errors/app-error.js'
import type { RealtimeSocket } from '../middleware/socket-types.js'
import type { Session } from './session.js'

/** Takes what a client sent with an event, and gives what the answer holds beside `ok`, or throws an `AppError`. */
export type EventHandler = (session: Session, payload: unknown) => object | Promise<object>

/** What the events of the sockets do. */
export interface DispatchDeps {
  /** By event; the same for all sockets. */
  readonly handlers: ReadonlyMap<unknown, EventHandler>
  /** Undefined before a socket has its session; nobody handles its events then. */
  readonly sessionOf: (socket: RealtimeSocket) => Session | undefined
  readonly onFailed: (what: string, error: unknown) => void
}

/**
 * Makes the function that stands before every event of a socket and is the only one that answers: `{ ok: true, ... }` or
 * `{ ok: false, error }`, where an answer was asked for. What is nested too deep for anybody to walk is refused, and so is
 * an event that nobody handles: Socket.IO would drop it, and the client wait for ever. A back end's own listeners get the
 * rest.
 */
export const createDispatch = (deps: DispatchDeps): ((socket: RealtimeSocket) => void) => {
  const run = async (
    socket: RealtimeSocket,
    event: unknown,
    args: readonly unknown[],
  ): Promise<object> => {
    try {
      if (!args.every(isShallow)) throw new AppError('EVENT_INVALID')
      const handler = deps.handlers.get(event)
      const session = deps.sessionOf(socket)
      if (handler === undefined || session === undefined) throw new AppError('EVENT_UNKNOWN')
      return { ok: true, ...(await handler(session, args[0])) }
    } catch (failure) {
      const error = toAppError(failure)
      if (isOurFault(error)) deps.onFailed(`event ${String(event)}`, error.cause)
      return { ok: false, error: wireError(error) }
    }
  }

  return (socket) => {
    socket.use(([event, ...args], next) => {
      // Asked by name, not by `listeners(event)`: that throws for `__proto__` and finds one for `constructor`.
      const isListenedTo = (socket.eventNames() as unknown[]).includes(event)
      if (isListenedTo && args.every(isShallow)) {
        next()
        return
      }
      // The last argument is the acknowledgement where the client asked for one.
      const ack: unknown = args.at(-1)
      void run(socket, event, args).then((result) => {
        if (typeof ack === 'function') (ack as (result: object) => void)(result)
      })
    })
  }
}

const isShallow = (arg: unknown): boolean => typeof arg === 'function' || isWithinDepth(arg)
