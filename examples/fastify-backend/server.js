import fastify from 'fastify'
import { initRealtime, sendToUser } from 'uzima-realtime'
import { signToken, verifyAccessToken } from '../express-backend/tokens.js'
import { checkPassword, findUser, password } from '../express-backend/users.js'

const app = fastify()

const realtime = initRealtime(app.server, {
  verifyAccessToken,
  findUser,
  clientUrl: process.env.CLIENT_URL ?? 'http://localhost:3000',
  onProblem: (what, error) => app.log.error(error, what),
})
// Fastify waits for open requests at its end, and a socket that polls is one: sockets end first.
app.addHook('preClose', () => realtime.close())

app.post('/login', (request, reply) => {
  const user = checkPassword(request.body?.username, request.body?.password)
  if (user === undefined) return reply.code(401).send({ error: 'Wrong user name or password.' })
  return reply.send({ token: signToken(user) })
})

app.post('/notes', (request, reply) => {
  const token = request.headers.authorization?.replace(/^Bearer /, '')
  let userId
  try {
    userId = verifyAccessToken(token).userId
  } catch {
    // Why a token is bad is nobody's affair.
    return reply.code(401).send({ error: 'Log in first.' })
  }
  sendToUser(userId, 'private:notification', { message: 'This is a private message' })
  return reply.code(202).send({ sent: true })
})

console.log(`Users amina and juma, password ${password}`)
console.log(
  `Example back end at ${await app.listen({ port: Number(process.env.PORT ?? 3001), host: '127.0.0.1' })}`,
)

process.once('SIGTERM', () => app.close())
