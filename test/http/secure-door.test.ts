import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer, request as secureRequest } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSecureDoor, guardPlainDoor } from '../../src/http/secure-door.js'
import { createTrustAnswer } from '../../src/http/trust/answer.js'
import { createRealtime } from '../../src/services/standalone.js'
import { ensureCertificates, type Certificates } from '../../src/tls/certificates.js'
import { encodeFrame, upgradeRequest } from '../support/websocket-wire.js'

const MACHINE = { names: ['localhost', 'clinic.local'], addresses: ['127.0.0.1'] }
const SOME_MB = Buffer.alloc(20_000_000, 'stock')

let folder: string
let made: Certificates
let inner: Server
let door: ReturnType<typeof createSecureDoor>
/** What is done with a connection that asks for an upgrade. */
let onUpgrade: (socket: Socket) => void

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-door-'))
  made = await ensureCertificates(join(folder, 'tls'), MACHINE)
  inner = createServer((_request, response) => response.end('the service'))
  inner.on('upgrade', (_request, socket: Socket) => {
    onUpgrade(socket)
  })
  door = createSecureDoor(inner, made.server)
  guardPlainDoor(
    inner,
    createTrustAnswer({ authority: () => made.authority, securePort: () => port() }),
  )
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  // Who comes through a file has no address, so he is not this machine's loopback.
  await new Promise<void>((resolve) => inner.listen(join(folder, 'plain'), resolve))
})
afterAll(async () => {
  for (const server of [door, inner]) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, { recursive: true })
})

const port = (): number => (door.address() as AddressInfo).port

const securely = async (ca = made.authority): Promise<string> => {
  const asked = secureRequest({ port: port(), host: '127.0.0.1', ca: ca.toString(), agent: false })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return text(answer)
}

const plainly = async (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<IncomingMessage> => {
  const options = { socketPath: join(folder, 'plain'), path, method, agent: false }
  const asked = request({ ...options, headers: { host: 'clinic.local:3000', ...headers } })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return answer
}

describe('the door for HTTPS', () => {
  it('leads to the service, and takes a new certificate without an end of what is open', async () => {
    expect(await securely()).toBe('the service')
    let open: Socket | undefined
    onUpgrade = (socket) => {
      open = socket
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
      socket.on('data', (data: Buffer) => socket.write(data))
    }
    const asked = secureRequest({
      port: port(),
      host: '127.0.0.1',
      ca: made.authority.toString(),
      headers: { connection: 'upgrade', upgrade: 'x' },
    })
    asked.end()
    const [, wire] = (await once(asked, 'upgrade')) as [IncomingMessage, Socket]

    const other = await ensureCertificates(join(folder, 'other'), MACHINE)
    door.setSecureContext({ key: other.server.key, cert: other.server.certificate })
    expect(await securely(other.authority)).toBe('the service')
    await expect(securely()).rejects.toThrow()
    door.setSecureContext({ key: made.server.key, cert: made.server.certificate })

    wire.write('still here')
    const [echo] = (await once(wire, 'data')) as [Buffer]
    expect(echo.toString()).toBe('still here')
    wire.destroy()
    open?.destroy()
  })

  it('resets who does not read: nothing follows that waited for him', async () => {
    for (let round = 0; round < 20; round += 1) {
      const done = new Promise<void>((resolve) => {
        onUpgrade = (socket) => {
          socket.on('error', () => undefined)
          socket.once('close', () => {
            resolve()
          })
          // Within a callback of TLS, as it is when a client says what it may not.
          socket.once('data', () => {
            socket.write(SOME_MB)
            socket.resetAndDestroy()
            socket.destroy()
          })
        }
      })
      const wire = connect({ port: port(), host: '127.0.0.1', ca: made.authority.toString() })
      const closed = new Promise((resolve) => wire.once('close', resolve))
      wire.on('error', () => undefined)
      await once(wire, 'secureConnect')
      wire.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
      setTimeout(() => wire.write('!'), 5)
      await done
      let bytes = 0
      wire.on('data', (data: Buffer) => (bytes += data.length))
      await closed
      expect(bytes).toBeLessThan(SOME_MB.length / 10)
    }
  })
})

describe("a back end's own HTTPS server", () => {
  it('lives on when it ends the session of a client that does not read', async () => {
    const { key, certificate: cert } = made.server
    const server = createSecureServer({ key, cert }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const realtime = createRealtime(server, {
      verifyAccessToken: (userId) => ({ userId }),
      findUser: (id) => ({ id, username: id, role: 'doctor' }),
    })
    const at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
    const wire = connect({ ...at, ca: made.authority.toString() })
    let received = ''
    wire.on('data', (data: Buffer) => (received += data.toString('latin1')))
    wire.on('error', () => undefined)
    await once(wire, 'secureConnect')
    wire.write(upgradeRequest(`https://${at.host}:${at.port.toString()}`))
    wire.write(encodeFrame('40{"token":"asha"}'))
    await expect.poll(() => received).toContain('42["connected"')
    wire.pause()
    realtime.publisher.sendToAll('news', { text: SOME_MB.toString() })
    const closed = once(wire, 'close')
    await realtime.close()
    wire.resume()
    await closed
    server.close()
  })
})

describe('who comes from another machine over plain HTTP', () => {
  it('gets the certificate as phones take it', async () => {
    const answer = await plainly('/uzima-authority.crt')
    expect(answer.headers['content-type']).toBe('application/x-x509-ca-cert')
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    expect(new X509Certificate(Buffer.concat(chunks)).fingerprint256).toBe(
      made.authority.fingerprint256,
    )
  })

  it.each([
    ['/', {}, 'Make this device trust'],
    ['/stock/AMOX?lang=sw', {}, 'Fanya kifaa hiki'],
    ['/', { 'accept-language': 'sw-KE,en;q=0.5' }, 'Fanya kifaa hiki'],
  ])('gets at %s with %j the page that explains it: %s', async (path, headers, words) => {
    const answer = await plainly(path, headers)
    const html = await text(answer)
    expect(answer.statusCode).toBe(200)
    expect(html).toContain(words)
    expect(html).toContain(made.authority.fingerprint256)
    expect(html).toContain(`href="https://clinic.local:${port().toString()}"`)
  })

  it.each(['GET', 'POST', 'DELETE'])('gets nothing of the service with %s', async (method) => {
    for (const path of ['/api/inventory', '/api/auth/login', '/socket.io/?EIO=4', '/metrics']) {
      const answer = await plainly(path, {}, method)
      expect(answer.statusCode).toBe(426)
      expect(await text(answer)).not.toContain('the service')
    }
  })

  it('is not upgraded, and a host that is none is not repeated', async () => {
    onUpgrade = () => {
      throw new Error('upgraded')
    }
    await expect(plainly('/', { connection: 'upgrade', upgrade: 'websocket' })).rejects.toThrow()
    expect(await text(await plainly('/', { host: '"><script>' }))).not.toContain('"><script>')
    expect(await text(await plainly('//', {}))).toContain('Make this device trust')
  })
})
