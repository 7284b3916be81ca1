import type { Server } from 'socket.io'
import { MAX_EVENT_NAME, type JsonObject } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Tail } from '../log/tail.js'
import type { RealtimeServer } from '../middleware/socket-types.js'
import type { Publisher } from '../ports/realtime.js'
import { LIVE_ROOM, roleRoom, userRoom } from './rooms.js'

/** Events of Socket.IO itself; it throws, or the client misreads them. */
const RESERVED = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
  'error',
])

export const createPublisher = (
  io: RealtimeServer,
  options: {
    readonly knowledge: Pick<Tail, 'freshness' | 'confirm'>
    /** Told of each message that was held and could not be sent. */
    readonly onDropped: (direction: 'out', error: unknown) => void
  },
): Publisher => {
  // The map of events names those of the contract; here go the ones that it does not name.
  const { knowledge } = options
  const untyped = io as unknown as Server
  const emit = (room: string | string[], event: string, data: JsonObject): void => {
    if (RESERVED.has(event) || event === '' || event.length > MAX_EVENT_NAME) {
      throw new AppError('EVENT_NAME_RESERVED', {
        detail: `"${event.slice(0, MAX_EVENT_NAME)}" cannot be sent. Use another event name.`,
      })
    }
    // Whoever was dismissed might still be in the room of a node that has not heard of it.
    const freshness = knowledge.freshness()
    if (freshness === 'stale') throw new AppError('AUTH_STALE')
    if (freshness === 'fresh') untyped.to(room).emit(event, data)
    else void emitOnceConfirmed(room, event, data)
  }

  /** What is sent meanwhile waits for the same read, so messages stay in order. */
  const emitOnceConfirmed = async (
    room: string | string[],
    event: string,
    data: JsonObject,
  ): Promise<void> => {
    if (await knowledge.confirm()) untyped.to(room).emit(event, data)
    else options.onDropped('out', new AppError('AUTH_STALE'))
  }

  return {
    sendToAll: (event, data) => {
      emit(LIVE_ROOM, event, data)
    },
    sendToUser: (userId, event, data) => {
      emit(userRoom(userId), event, data)
    },
    sendToRole: (role, event, data) => {
      emit(roleRoom(role), event, data)
    },
    sendToRoles: (roles, event, data) => {
      // To no room is to everybody.
      if (roles.length > 0) emit(roles.map(roleRoom), event, data)
    },
    broadcastToRoom: emit,
  }
}
