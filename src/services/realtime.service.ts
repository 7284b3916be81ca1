import type { Server as HttpServer } from 'node:http'
import type { Presence, Publisher } from '../ports/realtime.js'
import { createRealtime, type Realtime, type RealtimeOptions } from './standalone.js'

export type { Realtime, RealtimeOptions } from './standalone.js'

/** What the functions of this module and of `utils/websocketUtils` talk to. */
export interface BoundRealtime {
  readonly publisher: Publisher
  readonly presence: Presence
}

/** Real time was used before it was started, or after it was closed. Call `initRealtime` first. */
export class RealtimeNotBoundError extends Error {
  override readonly name = 'RealtimeNotBoundError'
  readonly code = 'REALTIME_NOT_BOUND'
  constructor() {
    super('Real time is not started: call initRealtime(httpServer, options) before sending.')
  }
}

/** Real time was started twice in one process. Close the first, or keep its `publisher` and pass it around. */
export class RealtimeAlreadyBoundError extends Error {
  override readonly name = 'RealtimeAlreadyBoundError'
  readonly code = 'REALTIME_ALREADY_BOUND'
  constructor() {
    super('Real time is started already: close the first one, or use createRealtime for a second.')
  }
}

// The only module-level `let` of the server: the seed's sendToAll is a function of this module.
let bound: BoundRealtime | undefined

/** Makes `realtime` the one that the functions below talk to. Returns the release, which never unbinds another. */
export const bindRealtime = (realtime: BoundRealtime): (() => void) => {
  if (bound !== undefined) throw new RealtimeAlreadyBoundError()
  bound = realtime
  return () => {
    if (bound === realtime) bound = undefined
  }
}

/** The bound one; throws `RealtimeNotBoundError` where there is none. A lost message is never silent. */
export const boundRealtime = (): BoundRealtime => {
  if (bound === undefined) throw new RealtimeNotBoundError()
  return bound
}

/**
 * Starts authenticated real time on the HTTP server of an existing back end, with that back end's own users and tokens,
 * and makes the functions of this module talk to it. `close()` of the result ends it.
 */
export const initRealtime = (httpServer: HttpServer, options: RealtimeOptions): Realtime => {
  const realtime = createRealtime(httpServer, options)
  const release = bindRealtime(realtime)
  return {
    ...realtime,
    close: async () => {
      release()
      await realtime.close()
    },
  }
}

/** Sends `event` to every connected user, on all nodes. At most once: who is away does not get it later. */
export const sendToAll: Publisher['sendToAll'] = (event, data) => {
  boundRealtime().publisher.sendToAll(event, data)
}

/** Sends `event` to every socket of one user, on all nodes. */
export const sendToUser: Publisher['sendToUser'] = (userId, event, data) => {
  boundRealtime().publisher.sendToUser(userId, event, data)
}

/** Sends `event` to every user who has `role` now, on all nodes. */
export const sendToRole: Publisher['sendToRole'] = (role, event, data) => {
  boundRealtime().publisher.sendToRole(role, event, data)
}

/** Sends `event` to every socket in `room`, on all nodes. */
export const broadcastToRoom: Publisher['broadcastToRoom'] = (room, event, data) => {
  boundRealtime().publisher.broadcastToRoom(room, event, data)
}
