/**
 * The floor of any Node program that writes once for each client and event: no protocol but the answer to an upgrade, no
 * state, nothing read. An order's events are encoded once, joined, and written to each TCP socket.
 */
import { Buffer } from 'node:buffer'
import { createServer } from 'node:net'
import process from 'node:process'

const clients = new Set()
let seq = 0

const UPGRADED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

const server = createServer({ noDelay: true }, (socket) => {
  let isClient = false
  socket.on('error', () => undefined)
  socket.on('close', () => clients.delete(socket))
  socket.on('data', (bytes) => {
    if (isClient) return
    const [method, path] = bytes.toString('latin1').split(' ', 2)
    if (method === 'POST') {
      broadcast(new URL(path, 'http://localhost').searchParams)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      return
    }
    isClient = true
    clients.add(socket)
    socket.write(UPGRADED)
  })
})

const broadcast = (order) => {
  const filler = 'x'.repeat(Number(order.get('bytes')))
  const frames = Buffer.concat(
    Array.from({ length: Number(order.get('count')) }, () => {
      seq += 1
      return frameOf(JSON.stringify(['inventory:update', { seq, filler }]))
    }),
  )
  for (const socket of clients) socket.write(frames)
}

/** A text frame of 126 to 65,535 bytes. */
const frameOf = (text) =>
  Buffer.concat([Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]), Buffer.from(text)])

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`Listening at http://127.0.0.1:${server.address().port}\n`)
})
