/**
 * The floor to compare with: stock Socket.IO on one node, with neither database nor log, told over HTTP what to do.
 * Whoever connects says who he is; nothing is checked but that.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'

interface Order {
  /** Rooms whose sockets are to be ended. */
  readonly revoke?: readonly string[]
  /** Events of `bytes` bytes each, to everybody. */
  readonly emit?: { readonly count: number; readonly bytes: number }
}

const httpServer = createServer((request, response) => {
  // Socket.IO answers its own path.
  if (request.url !== '/order') return
  void readOrder(request).then((order) => {
    carryOut(order)
    response.end()
  })
})
const io = new Server(httpServer, { serveClient: false })

io.use((socket, next) => {
  // Declared as a map of anything; our own clients send a text.
  const { token } = socket.handshake.auth as { token: string }
  void socket.join(token)
  next()
})
io.on('connection', (socket) => {
  socket.emit('connected', { seq: 0 })
})

const readOrder = async (request: IncomingMessage): Promise<Order> => {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return JSON.parse(text) as Order
}

let seq = 0
const carryOut = ({ revoke = [], emit }: Order): void => {
  for (const room of revoke) io.in(room).disconnectSockets(true)
  const filler = 'x'.repeat(emit?.bytes ?? 0)
  for (let count = emit?.count ?? 0; count > 0; count -= 1) {
    seq += 1
    io.emit('inventory:update', { seq, filler })
  }
}

httpServer.listen(0, '127.0.0.1', () => {
  const { port } = httpServer.address() as AddressInfo
  process.stdout.write(`Stock Socket.IO is at http://127.0.0.1:${String(port)}\n`)
})
