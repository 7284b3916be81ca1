/** SocketCluster with its own JWT on: the token comes with the handshake, and only who has one may subscribe. */
import process from 'node:process'
import socketClusterServer from 'socketcluster-server'
import { createOrderedServer, listen } from './orders.js'

const server = createOrderedServer((payload) => {
  void cluster.exchange.transmitPublish('stock', payload)
})
const cluster = socketClusterServer.attach(server, { authKey: process.env.JWT_SECRET })

cluster.setMiddleware(cluster.MIDDLEWARE_INBOUND, async (stream) => {
  for await (const action of stream) {
    if (action.type === action.SUBSCRIBE && !action.socket.authToken) {
      action.block(new Error('Authentication required'))
    } else {
      action.allow()
    }
  }
})
listen(server)
