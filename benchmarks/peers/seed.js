/**
 * The design of docs/seed.md as it is written: jsonwebtoken verifies, a query finds the user at each handshake, and each
 * attempt is logged as a line.
 */
import process from 'node:process'
import jwt from 'jsonwebtoken'
import pg from 'pg'
import { Server } from 'socket.io'
import { createOrderedServer, listen } from './orders.js'

const { JWT_SECRET, DATABASE_URL } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })

const server = createOrderedServer((payload) => io.emit('inventory:update', payload))
const io = new Server(server, { serveClient: false, cors: { origin: 'http://localhost:3000' } })

const logAttempt = (socket, outcome) => {
  const { address } = socket.handshake
  console.log(JSON.stringify({ at: new Date(), socketId: socket.id, address, ...outcome }))
}

const socketAuth = async (socket, next) => {
  try {
    const token = socket.handshake.auth.token ?? socket.handshake.query.token
    const { id } = jwt.verify(token, JWT_SECRET, { algorithms: ['HS256'] })
    const { rows } = await pool.query(
      'select id, username, role, is_active from users where id = $1',
      [id],
    )
    const [user] = rows
    if (user === undefined || !user.is_active) throw new Error('User not found')
    socket.user = user
    await socket.join(`user_${user.id}`)
    logAttempt(socket, { outcome: 'accepted', userId: user.id })
    next()
  } catch (error) {
    logAttempt(socket, { outcome: 'refused', reason: error.message })
    next(new Error('Authentication failed'))
  }
}

io.use(socketAuth)
io.on('connection', (socket) => {
  const { id, username, role } = socket.user
  socket.emit('connected', { message: 'Connected', userId: id, username, role })
  socket.on('disconnect', (reason) => {
    logAttempt(socket, { outcome: 'disconnected', reason })
  })
})
listen(server)
