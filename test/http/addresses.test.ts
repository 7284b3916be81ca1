import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { times } from '../support/long.js'
import { as, createFakeApi, type FakeApi } from './fake-api.js'

let folder: string
let api: FakeApi | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-page-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html>')
  await writeFile(join(folder, 'assets/index-B3x9fa2k.js'), '')
  api = await createFakeApi(() => ({ dashboardFolder: folder }))
  await api.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await api?.app.close()
  await rm(folder, { recursive: true })
})

/** Asks as nobody's library would: the path goes out as it is written. */
const ask = (method: string, path: string): Promise<{ status: number; type: string }> =>
  new Promise((resolve, reject) => {
    const { port } = api?.app.server.address() as AddressInfo
    request({ host: '127.0.0.1', port, method, path, headers: as('admin') }, (response) => {
      response.resume()
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
        })
      })
    })
      .on('error', reject)
      .end()
  })

describe('an address', () => {
  it.each(['/docs/static/..', '/docs/static/%00', '/docs/static/../../package.json', '/%00', '//'])(
    'that leads nowhere gets an answer that says so: %s',
    async (path) => {
      const { status, type } = await ask('GET', path)
      expect([400, 404]).toContain(status)
      expect(type).toBe('application/problem+json')
    },
  )

  it('of any making, with any method, is not a failure of the server', async () => {
    const part = fc.constantFrom(
      ...['docs', 'static', 'assets', 'api', 'inventory', 'users', 'index.html', 'json', 'yaml'],
      ...['..', '.', '', '%00', '%2e%2e', '%2f', '%5c', '\\', '%', '%ff', '%ed%a0%80', '*', ':sku'],
      ...['index-B3x9fa2k.js', 'swagger-ui.css', 'x'.repeat(300), '~', ';', '@', '%F0%9F%98%80'],
    )
    const address = fc
      .tuple(fc.array(part, { maxLength: 6 }), fc.constantFrom('', '?', '?a=%00', '?%ff', '?a&a'))
      .map(([parts, query]) => `/${parts.join('/')}${query}`)
    const method = fc.constantFrom(
      ...['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'],
      ...['PROPFIND', 'SEARCH', 'PURGE', 'M-SEARCH'],
    )
    await fc.assert(
      fc.asyncProperty(method, address, async (verb, path) => {
        const { status, type } = await ask(verb, path)
        expect(status).toBeLessThan(500)
        if (status >= 400) expect(type).toBe('application/problem+json')
      }),
      { numRuns: times(400, 10_000) },
    )
  })
})
