import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Server } from 'socket.io'
import type { LookUpDelays } from './local-service.js'
import { openRawClient } from '../../e2e/rig/raw-client.js'
import { openSession } from '../frame/session.js'
import { mapAtOnce, waitUntil } from '../../e2e/rig/timing.js'

/**
 * The same sweep against stock Socket.IO as it is usually protected: a middleware that looks the user up, a room of his
 * own, `disconnectSockets` when he is deactivated. It shows that the sweep finds a hole where there is one.
 */
export const countNaiveSurvivors = async (
  trials: number,
  sweepMs: number,
  delays: LookUpDelays,
): Promise<{ readonly trials: number; readonly survivors: number }> => {
  const httpServer = createServer()
  const io = new Server(httpServer, { serveClient: false })
  const inactive = new Set<string>()
  io.use((socket, next) => {
    // Declared as a map of anything; our own clients send a text.
    const { token } = socket.handshake.auth as { token: string }
    const lookUp = async (): Promise<void> => {
      await delay(delays.beforeMs)
      const isActive = !inactive.has(token)
      await delay(delays.afterMs)
      if (isActive) void socket.join(token)
      next(isActive ? undefined : new Error('Account is deactivated'))
    }
    void lookUp()
  })
  io.on('connection', (socket) => {
    socket.emit('connected', { seq: 0 })
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const { port } = httpServer.address() as AddressInfo
  try {
    const survived = await mapAtOnce([...Array(trials).keys()], 8, async (trial) => {
      const user = `user-${String(trial)}`
      const session = openSession(`http://127.0.0.1:${String(port)}`, { token: user })
      await delay(trial % sweepMs)
      inactive.add(user)
      io.in(user).disconnectSockets(true)
      await session.decided
      const isOver = (): boolean =>
        session.closedAt() !== undefined || session.refusal() !== undefined
      const hasEnded = await waitUntil(isOver, 300, 2)
      session.destroy()
      return !hasEnded
    })
    return { trials, survivors: survived.filter(Boolean).length }
  } finally {
    await io.close()
  }
}

/** Look-ups that one connection costs stock Socket.IO by `packets` CONNECT packets with bad tokens, sent at once. */
export const countNaiveLookUps = async (
  packets: number,
): Promise<{ readonly lookUps: number; readonly closed: boolean }> => {
  const httpServer = createServer()
  const io = new Server(httpServer, { serveClient: false })
  let lookUps = 0
  io.use((_socket, next) => {
    lookUps += 1
    next(new Error('Invalid authentication token'))
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const { port } = httpServer.address() as AddressInfo
  const client = openRawClient(`http://127.0.0.1:${String(port)}`, {})
  try {
    await client.opened
    client.send(...Array.from({ length: packets }, () => '40{"token":"garbage"}'))
    await waitUntil(() => lookUps >= packets, 2_000)
    return { lookUps, closed: await waitUntil(() => client.closedAt() !== undefined, 1_000) }
  } finally {
    client.destroy()
    await io.close()
  }
}
