import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedis } from '../support/redis-server.js'
import { linkTo } from './redis-states.js'

const run = promisify(execFile)
let folder = ''
let certificate: { readonly key: Buffer; readonly cert: Buffer }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '2']
  const files = ['-keyout', key, '-out', cert]
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject])
  certificate = { key: await readFile(key), cert: await readFile(cert) }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A port that hands what it gets to the Redis at `port`, by TLS or as it is. */
const frontOf = async (port: number, options: { readonly tls: boolean; readonly at?: number }) => {
  const sockets = new Set<Socket>()
  const pass = (socket: Socket): void => {
    const redis = connect(port, '127.0.0.1')
    for (const end of [socket, redis]) {
      sockets.add(end)
      end.on('error', () => undefined)
      end.on('close', () => {
        socket.destroy()
        redis.destroy()
      })
    }
    socket.pipe(redis).pipe(socket)
  }
  const server: Server = options.tls ? createTlsServer(certificate, pass) : createServer(pass)
  server.on('tlsClientError', () => undefined)
  server.listen(options.at ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

it('Redis with TLS is told of to who speaks plainly, and all is well once it speaks plainly, too', async () => {
  await using redis = await startRedis()
  const secure = await frontOf(redis.port, { tls: true })
  await using watched = linkTo(`redis://:s3cret@127.0.0.1:${secure.port.toString()}`)
  await expect.poll(() => watched.told).toEqual(['down tls_expected'])
  await secure.close()
  const plain = await frontOf(redis.port, { tls: false, at: secure.port })
  await expect.poll(() => watched.told.at(-1)).toBe('up')
  await plain.close()
})

it('Redis without TLS is told of to who speaks TLS, and then that its certificate is of nobody known', async () => {
  await using redis = await startRedis()
  const plain = await frontOf(redis.port, { tls: false })
  await using watched = linkTo(`rediss://:s3cret@127.0.0.1:${plain.port.toString()}`)
  await expect.poll(() => watched.told).toEqual(['down tls_not_spoken'])
  await plain.close()
  const secure = await frontOf(redis.port, { tls: true, at: plain.port })
  await expect.poll(() => watched.told.at(-1)).toBe('down tls_refused')
  expect(watched.words.join('\n')).not.toContain('s3cret')
  await secure.close()
})
