/** `ws` alone: everybody is let in. An event is encoded once and sent to each client. */
import { WebSocketServer } from 'ws'
import { createOrderedServer, listen } from './orders.js'

const server = createOrderedServer((payload) => {
  const text = JSON.stringify(['inventory:update', payload])
  for (const client of sockets.clients) client.send(text)
})
const sockets = new WebSocketServer({ server })
listen(server)
