import { randomUUID } from 'node:crypto'
import { freePort } from '../../../test/support/server-process.js'
import { CENTRIFUGO_PATH } from '../install.js'
import { DIALECTS } from '../load/dialect.js'
import type { World } from '../world.js'
import { startPinned } from './process.js'
import { EVENT_BYTES, type Running } from './subject.js'

/** Starts Centrifugo on one core, with its own JWT on and a history of the channel, as whoever needs recovery sets it up. */
export const startCentrifugo = async (world: World): Promise<Running> => {
  const port = await freePort()
  const apiKey = randomUUID()
  const server = await startPinned([...world.cores.serverPrefix, CENTRIFUGO_PATH], () => ({
    GOMAXPROCS: '1',
    CENTRIFUGO_HTTP_SERVER_ADDRESS: '127.0.0.1',
    CENTRIFUGO_HTTP_SERVER_PORT: String(port),
    CENTRIFUGO_CLIENT_TOKEN_HMAC_SECRET_KEY: world.secret,
    CENTRIFUGO_HTTP_API_KEY: apiKey,
    CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_HISTORY_SIZE: '1000',
    CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_HISTORY_TTL: '300s',
    CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_FORCE_RECOVERY: 'true',
  }))
  await server.says(/serving .*websocket/i)
  let seq = 0
  return {
    name: 'centrifugo',
    pid: server.pid,
    port,
    dialect: DIALECTS.centrifugo,
    userIds: Array.from({ length: 500 }, () => randomUUID()),
    emit: async (count) => {
      const commands = Array.from({ length: count }, () => {
        seq += 1
        return { publish: { channel: 'stock', data: { seq, filler: 'x'.repeat(EVENT_BYTES) } } }
      })
      const answer = await fetch(`http://127.0.0.1:${String(port)}/api/batch`, {
        method: 'POST',
        headers: { 'X-API-Key': apiKey, 'content-type': 'application/json' },
        body: JSON.stringify({ commands }),
      })
      await answer.text()
    },
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  }
}
