import { createServer } from 'node:http'
import express from 'express'
import { announce } from './announce.js'
import { initRealtime } from './services/realtime.service.js'
import { signToken, verifyAccessToken } from './tokens.js'
import { checkPassword, findUser, password } from './users.js'

const app = express()
app.use(express.json())

/** The back end's own token check for its own routes. */
const authenticate = (request, response, next) => {
  try {
    const token = request.headers.authorization?.replace(/^Bearer /, '')
    const user = findUser(verifyAccessToken(token).userId)
    if (user?.isActive) {
      request.user = user
      next()
      return
    }
  } catch {
    // Falls through to the refusal; why a token is bad is nobody's affair.
  }
  response.status(401).json({ error: 'Log in first.' })
}

app.post('/login', (request, response) => {
  const user = checkPassword(request.body?.username, request.body?.password)
  if (user === undefined) response.status(401).json({ error: 'Wrong user name or password.' })
  else response.json({ token: signToken(user) })
})

app.post('/announcements', authenticate, (request, response) => {
  announce(request.user.id)
  response.status(202).json({ sent: true })
})

const httpServer = createServer(app)
const realtime = initRealtime(httpServer, {
  verifyAccessToken,
  findUser,
  clientUrl: process.env.CLIENT_URL ?? 'http://localhost:3000',
  redisUrl: process.env.REDIS_URL,
  serviceName: 'express-backend',
  onAttempt: ({ outcome, code, userId, ip }) => console.log('socket', outcome, code, userId, ip),
  onProblem: (what, error) => console.error(what, error ?? ''),
})

// The back end's own events, on sockets that are authenticated already.
realtime.io.on('connection', (socket) => {
  socket.on('stock:ask', (item, answer) => {
    if (typeof answer === 'function') answer({ item, askedBy: socket.data.user.username })
  })
})

httpServer.listen(Number(process.env.PORT ?? 3001), '127.0.0.1', () => {
  console.log(`Example back end at http://127.0.0.1:${httpServer.address().port}`)
  console.log(`Users amina and juma, password ${password}`)
})

process.once('SIGTERM', async () => {
  await realtime.close()
  httpServer.close()
})
