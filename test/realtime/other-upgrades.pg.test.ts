import { expect, it } from 'vitest'
import { openRaw } from '../security/raw-socket.js'
import { setupApp } from '../support/app.js'

const OFFER = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'

it('a request that offers another protocol is answered as one that offers none', async () => {
  await using app = await setupApp()
  const body = JSON.stringify({ username: 'nobody', password: 'a wrong password' })
  const post = `POST /api/auth/login HTTP/1.1\r\nHost: x\r\n${OFFER}Content-Type: application/json\r\n`

  using whole = openRaw(app.url)
  whole.write(`${post}Content-Length: ${String(body.length)}\r\n\r\n${body}`)
  using pieces = openRaw(app.url)
  pieces.write(`${post}Transfer-Encoding: chunked\r\n\r\n5\r\n${body.slice(0, 5)}\r\n`)
  await new Promise(setImmediate)
  pieces.write(`${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`)

  for (const connection of [whole, pieces]) {
    await connection.closed
    expect(connection.received().toString()).toMatch(/^HTTP\/1\.1 401 [^]*AUTH_CREDENTIALS_INVALID/)
  }
})

it('polling is, too', async () => {
  await using app = await setupApp()
  using connection = openRaw(app.url)
  connection.write(`GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n${OFFER}\r\n`)
  await connection.closed
  expect(connection.received().toString()).toMatch(/^HTTP\/1\.1 200 [^]*"sid"/)
})
