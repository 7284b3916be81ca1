// While both run: the path that the rest of the back end imports sends to the clients of both.
import * as next from 'uzima-realtime/services/realtime.service.js'
import * as earlier from './earlier-realtime.service.js'

export const sendToAll = (event, data) => {
  earlier.sendToAll(event, data)
  next.sendToAll(event, data)
}

export const sendToUser = (userId, event, data) => {
  earlier.sendToUser(userId, event, data)
  next.sendToUser(userId, event, data)
}
