import { authRefreshResultSchema, connectedSchema, logResetSchema } from '@uzima/contracts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { setupApp } from '../support/app.js'
import { times } from '../support/long.js'
import { hostileJson, hostileText } from './hostile.js'

const readOr = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What the stock client can send: nested by thousands, its own search for binary data ends before the server has it. */
const sendableJson = hostileJson.filter((text) => !text.startsWith('['.repeat(1_000)))

/** What a client can put into an event: JSON, read as Socket.IO reads it. */
const payload = fc.oneof(
  sendableJson.map(readOr),
  hostileText,
  hostileText.map((token) => ({ token })),
  sendableJson.map((text) => ({ token: readOr(text) })),
)

it('a position of any making begins a session at the head of the log, and says why', async () => {
  await using app = await setupApp({ env: { MAX_CONNECTIONS_PER_USER: '1000' } })
  const user = await app.addUser('doctor')
  const positions = fc.oneof(
    payload,
    fc.record({ epoch: hostileText, seq: sendableJson.map(readOr) }),
  )
  await fc.assert(
    fc.asyncProperty(positions, async (position) => {
      const client = await app.connect(user, { auth: { token: user.token, position } })
      const [connected] = client.of('connected')
      expect(connectedSchema.parse(connected).resumed).toBe(false)
      // What the wire carries: no JSON holds a number beyond all (1e999), so that it arrives as none.
      if (JSON.stringify(position) !== 'null') {
        await expect.poll(() => client.of('log:reset')).toHaveLength(1)
        logResetSchema.parse(client.of('log:reset')[0])
      }
      client.socket.disconnect()
    }),
    { numRuns: times(20, 1_000) },
  )
})

it('a refresh of any making is answered, and leaves the session as it was', async () => {
  await using app = await setupApp({ env: { EVENTS_PER_SECOND: '100000' } })
  const { socket, events } = await app.connect(await app.addUser('doctor'))
  await fc.assert(
    fc.asyncProperty(payload, async (sent) => {
      const answer: unknown = await socket.timeout(30_000).emitWithAck('auth:refresh', sent)
      expect(authRefreshResultSchema.parse(answer).ok).toBe(false)
      expect(answer).not.toMatchObject({ error: { code: 'INTERNAL' } })
    }),
    { numRuns: times(100, 5_000) },
  )
  expect(socket.connected).toBe(true)
  expect(events.map(({ event }) => event)).toEqual(['connected'])
})
