import { setTimeout as delay } from 'node:timers/promises'
import { io } from 'socket.io-client'
import { summarise } from '../rig/statistics.js'

/**
 * The healthy client beside the hostile ones, in a process of its own so that only the server can make it wait: asks for
 * the position of its session every 100 ms. Prints its figures when it is told to end.
 */
const { UZIMA_URL: url = '', UZIMA_TOKEN: token = '' } = process.env
const socket = io(url, { transports: ['websocket'], auth: { token } })
const latencies: number[] = []
let interruptions = 0
const ending = new AbortController()
socket.on('disconnect', () => {
  if (!ending.signal.aborted) interruptions += 1
})
process.once('SIGTERM', () => {
  ending.abort()
})
await new Promise((resolve) => socket.once('connected', resolve))
process.stdout.write('beating\n')
while (!ending.signal.aborted) {
  const startedAt = performance.now()
  await socket.timeout(10_000).emitWithAck('auth:refresh', { token })
  latencies.push(performance.now() - startedAt)
  await delay(100)
}
process.stdout.write(`${JSON.stringify({ ...summarise(latencies), interruptions })}\n`)
socket.disconnect()
