import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inspectKeyHost } from '../../src/auth/key-host.js'
import { freePort } from '../support/server-process.js'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const ANSWERS: Readonly<Record<string, readonly [status: number, body: string]>> = {
  '/keys': [200, JSON.stringify({ keys: [key] })],
  '/none': [200, JSON.stringify({ keys: [] })],
  '/page': [200, '<!doctype html><title>Log in</title>'],
  '/elsewhere': [404, ''],
}

let server: Server
let host = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const [status, body] = ANSWERS[new URL(request.url ?? '', 'http://a').pathname] ?? [500, '']
    response.writeHead(status, { connection: 'close' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port.toString()}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it.each<[string, 'ok' | 'fail', RegExp, string[]?]>([
  ['/keys', 'ok', /gives 1 key$/],
  [
    '/keys',
    'fail',
    /no key of .* can be used\. Compare its key set with JWT_ALGORITHMS\./,
    ['RS256'],
  ],
  ['/none', 'fail', /no key of .* can be used/],
  ['/page', 'fail', /the keys of .* cannot be read .* JSON Web Key Set\./],
  ['/elsewhere', 'fail', /the keys of .* cannot be read \(The host answered 404\)\./],
])('says of %s that it is %s, without the query', async (path, level, says, only) => {
  const verdict = await inspectKeyHost(`http://${host}${path}?key=s3cr3t`, only)
  expect(verdict).toEqual({ level, says: expect.stringMatching(says) })
  expect(verdict.says).toContain(host)
  expect(verdict.says).not.toContain('s3cr3t')
})

it('says why nothing can be had of a host', async () => {
  const closed = `127.0.0.1:${(await freePort()).toString()}`
  for (const url of [`http://${closed}/keys`, `https://${closed}/keys`]) {
    expect((await inspectKeyHost(url)).says).toMatch(
      /^JWT_JWKS_URL: .* does not answer, .* firewall/,
    )
  }
  expect(await inspectKeyHost('https://no-such-host.invalid/keys')).toEqual({
    level: 'fail',
    says: expect.stringMatching(/the host no-such-host\.invalid is not known\./),
  })
})
