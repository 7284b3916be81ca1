import { createServer } from 'node:http'
import express from 'express'
import { initRealtime } from 'uzima-realtime'
import { signToken, verifyAccessToken } from '../express-backend/tokens.js'
import { openUsers } from './users.js'
import { watchUsers } from './watch-users.js'

const connectionString = process.env.DATABASE_URL
if (connectionString === undefined) throw new Error('Set DATABASE_URL to a PostgreSQL database.')

const users = openUsers(connectionString)
const onProblem = (what, error) => console.error(what, error?.message ?? '')

const app = express()
app.use(express.json())
app.post('/login', async (request, response) => {
  const user = await users.checkPassword(request.body?.username, request.body?.password)
  if (user === undefined) response.status(401).json({ error: 'Wrong user name or password.' })
  else response.json({ token: signToken(user) })
})

const httpServer = createServer(app)
const realtime = initRealtime(httpServer, {
  verifyAccessToken,
  findUser: users.findUser,
  clientUrl: process.env.CLIENT_URL ?? 'http://localhost:3000',
  onAttempt: ({ outcome, code, username }) => console.log('socket', outcome, code, username),
  onProblem,
})
const watch = watchUsers(realtime.io, {
  connectionString,
  findUsers: users.findUsers,
  onProblem,
})

if (process.env.EXAMPLE_PASSWORD !== undefined) {
  await users.add('asha', 'nurse', process.env.EXAMPLE_PASSWORD)
}
httpServer.listen(Number(process.env.PORT ?? 3001), '127.0.0.1', () => {
  console.log(`Example back end at http://127.0.0.1:${httpServer.address().port}`)
})

process.once('SIGTERM', async () => {
  await realtime.close()
  await watch.stop()
  await users.close()
  httpServer.close()
})
