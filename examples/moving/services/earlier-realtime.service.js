// The earlier service, as docs/seed.md describes it; stands here for the one that you have.
import jwt from 'jsonwebtoken'
import { Server } from 'socket.io'

let io

export const initSocket = (httpServer, { secret, findUser, clientUrl }) => {
  io = new Server(httpServer, { cors: { origin: clientUrl } })
  io.use(async (socket, next) => {
    try {
      const token = socket.handshake.auth.token ?? socket.handshake.query.token
      const { id } = jwt.verify(token, secret, { algorithms: ['HS256'] })
      const user = await findUser(id)
      if (!user?.isActive) throw new Error('User not found')
      socket.user = user
      await socket.join(`user_${user.id}`)
      next()
    } catch {
      next(new Error('Authentication failed'))
    }
  })
  io.on('connection', ({ id, user }) => {
    io.to(id).emit('connected', { userId: user.id, username: user.username })
  })
  return io
}

export const sendToAll = (event, data) => io.emit(event, data)
export const sendToUser = (userId, event, data) => io.to(`user_${userId}`).emit(event, data)
