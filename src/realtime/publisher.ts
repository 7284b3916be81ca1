import type { Server } from 'socket.io'
import { MAX_EVENT_NAME, type JsonObject } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
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
  options: { readonly isFresh: () => boolean },
): Publisher => {
  // The map of events names those of the contract; here go the ones that it does not name.
  const untyped = io as unknown as Server
  const emit = (room: string, event: string, data: JsonObject): void => {
    if (RESERVED.has(event) || event === '' || event.length > MAX_EVENT_NAME) {
      throw new AppError('EVENT_NAME_RESERVED', {
        detail: `"${event.slice(0, MAX_EVENT_NAME)}" cannot be sent. Use another event name.`,
      })
    }
    // Whoever was dismissed might still be in the room of a node that has not heard of it.
    if (!options.isFresh()) throw new AppError('AUTH_STALE')
    untyped.to(room).emit(event, data)
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
    broadcastToRoom: emit,
  }
}
