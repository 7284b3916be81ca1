import Fastify from 'fastify'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createBase } from '../../src/composition/base.js'
import { listenSecurely } from '../../src/composition/https.js'
import { createReleases, type Releases } from '../../src/composition/releases.js'
import { loadConfig } from '../../src/config/load.js'

let folder: string
let releases: Releases

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-https-'))
  releases = createReleases()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await releases.run()
  await rm(folder, { recursive: true })
})

const start = async (httpsPort = '0'): Promise<number> => {
  const env = { DATA_DIR: folder, HTTPS_PORT: httpsPort, LOG_LEVEL: 'silent' }
  const api = Fastify()
  releases.add('http', () => api.close())
  return (await listenSecurely(createBase(loadConfig(env), releases), api)) ?? 0
}

/** Whether the server on `port` is trusted, and the number of its certificate. */
const look = async (port: number): Promise<string> => {
  const ca = await readFile(join(folder, 'tls', 'authority.crt'), 'utf8')
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    }).on('error', reject)
  })
}

it('a running server hands out the new certificate within a minute, and the authority stays', async () => {
  const port = await start()
  const first = await look(port)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await look(port)).toBe(first)
  await rm(join(folder, 'tls', 'server.json'))
  // One look may still be under way when the next one is due.
  await expect
    .poll(async () => {
      await vi.advanceTimersByTimeAsync(60_000)
      return look(port)
    })
    .not.toBe(first)
})

it('a port that is taken is told of by its setting', async () => {
  const port = await start()
  await expect(start(port.toString())).rejects.toThrow(/^HTTPS_PORT: \d+ is taken/)
})
