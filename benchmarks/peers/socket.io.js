/** Stock Socket.IO, bare: everybody is let in, nothing is checked, nothing is written down. */
import { Server } from 'socket.io'
import { createOrderedServer, listen } from './orders.js'

const server = createOrderedServer((payload) => io.emit('inventory:update', payload))
const io = new Server(server, { serveClient: false })
listen(server)
