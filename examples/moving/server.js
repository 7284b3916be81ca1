import { createServer } from 'node:http'
import { initRealtime } from 'uzima-realtime'
import { announce } from './announce.js'
import { initSocket } from './services/earlier-realtime.service.js'
import jwt from 'jsonwebtoken'

const secret = process.env.JWT_SECRET
const clientUrl = process.env.CLIENT_URL ?? 'http://localhost:3000'
/** Your query; nothing of it changes. */
const findUser = (id) => ({ id, username: 'amina', role: 'pharmacist', isActive: true })

// Where the clients are today.
const today = createServer((request, response) => {
  announce('u-1')
  response.writeHead(202).end()
})
initSocket(today, { secret, findUser, clientUrl })

// Where they will be: the same process, another port.
const tomorrow = createServer()
const realtime = initRealtime(tomorrow, {
  verifyAccessToken: (token) => {
    const { id, exp } = jwt.verify(token, secret, { algorithms: ['HS256'] })
    return { userId: id, expiresAt: exp === undefined ? undefined : new Date(exp * 1000) }
  },
  findUser,
  clientUrl,
  onAttempt: ({ outcome, code, userId }) => console.log('socket', outcome, code, userId),
})

const listen = (name, server, port) =>
  server.listen(port, '127.0.0.1', () =>
    console.log(`${name} at http://127.0.0.1:${server.address().port}`),
  )
listen('Earlier service', today, Number(process.env.PORT ?? 3001))
listen('New service', tomorrow, Number(process.env.NEW_PORT ?? 3002))

process.once('SIGTERM', async () => {
  await realtime.close()
  process.exit(0)
})
