import type { Item } from '@uzima/contracts'
import fc from 'fast-check'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EPOCH, ITEM } from './api-samples.js'
import { as, createFakeApi, type FakeApi } from './fake-api.js'

type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH'
interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly rawPayload: Buffer
}

const PAGE = `<!doctype html>${'<p>stock</p>'.repeat(200)}`
const SCRIPT = 'console.log("stock")\n'.repeat(200)
const ICON = `<svg>${'<g/>'.repeat(20)}</svg>`
let folder: string
let api: FakeApi

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-packed-page-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'icon.svg'), ICON)
  for (const [name, text] of [
    ['index.html', PAGE],
    ['assets/index-B3x9fa2k.js', SCRIPT],
  ] as const) {
    await writeFile(join(folder, name), text)
    await writeFile(join(folder, `${name}.br`), brotliCompressSync(text))
    await writeFile(join(folder, `${name}.gz`), gzipSync(text))
  }
  api = await createFakeApi(() => ({ dashboardFolder: folder }))
})
afterAll(async () => {
  await api.app.close()
  await rm(folder, { recursive: true })
})

const ask = async (
  url: string,
  encodings: string | undefined,
  more: { method?: Method; payload?: object; headers?: Record<string, string> } = {},
): Promise<Answer> => {
  const { method = 'GET', payload, headers = {} } = more
  const encoding = encodings === undefined ? {} : { 'accept-encoding': encodings }
  return api.app.inject({
    method,
    url,
    headers: { ...as('admin'), ...encoding, ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
}

const unpacked = ({ headers, rawPayload }: Answer): string => {
  const coding = headers['content-encoding']
  if (coding === undefined) return rawPayload.toString()
  return (coding === 'br' ? brotliDecompressSync : gunzipSync)(rawPayload).toString()
}

const serve = (items: readonly Item[]): void => {
  api.deps.inventory.list.mockResolvedValue({
    items: [...items],
    nextCursor: null,
    position: { epoch: EPOCH, seq: 7 },
  })
}

/** Of a length that is worth packing. */
const stock = Array.from({ length: 50 }, (_, n) => ({ ...ITEM, sku: `AMOX-${n.toString()}` }))
const lots = Array.from({ length: 30 }, (_, n) => ({
  lotNumber: `L${n.toString()}`,
  quantity: 1,
  expiryDate: '2027-01-31',
  receivedAt: ITEM.updatedAt,
  expired: false,
}))

describe('a packed answer', () => {
  it('says what the plain one says, whatever is in it and whoever asks', async () => {
    const weight = fc.constantFrom('', ';q=0', ';q=0.5', '; q=1', ';q=x')
    const coding = fc.constantFrom('br', 'gzip', 'GZIP', 'identity', 'zstd', '*', '')
    const encodings = fc
      .array(fc.tuple(coding, weight), { maxLength: 5 })
      .map((all) => all.map((pair) => pair.join('')).join(', '))
    const text = fc.string({ unit: 'binary', maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(encodings, fc.array(text, { maxLength: 12 }), async (accepted, names) => {
        serve(names.map((name) => ({ ...ITEM, name })))
        const plain = await ask('/api/inventory', undefined)
        const packed = await ask('/api/inventory', accepted)
        expect(unpacked(packed)).toBe(plain.rawPayload.toString())
        expect(plain.headers['content-encoding']).toBeUndefined()
        expect(packed.headers['content-length']).toBe(String(packed.rawPayload.length))
        for (const { headers } of [plain, packed]) expect(headers['vary']).toMatch(/encoding/i)
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['*', 'br'],
    ['br;q=0.1, gzip;q=0.2', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['deflate', undefined],
    ['identity', undefined],
    ['gzip;q=0', undefined],
    [undefined, undefined],
  ])('for Accept-Encoding: %s is in %s', async (accepted, coding) => {
    serve(stock)
    const { headers, rawPayload } = await ask('/api/inventory', accepted)
    expect(headers['content-encoding']).toBe(coding)
    if (coding !== undefined) expect(rawPayload.length).toBeLessThan(2_000)
  })

  it('has a weak entity tag, by which the item can be changed', async () => {
    api.deps.inventory.get.mockResolvedValueOnce({ ...ITEM, version: 14, lots })
    const { headers } = await ask('/api/inventory/AMOX-500', 'gzip')
    expect(headers['etag']).toBe('W/"14"')
    await ask('/api/inventory/AMOX-500', 'gzip', {
      method: 'PATCH',
      payload: { threshold: 5 },
      headers: { 'if-match': String(headers['etag']) },
    })
    expect(api.deps.inventory.update).toHaveBeenCalledWith(
      { actor: 'name-admin', userId: 'id-admin' },
      'AMOX-500',
      { threshold: 5 },
      [14],
    )
  })

  it('is told of by HEAD as it would come', async () => {
    serve(stock)
    const { headers } = await ask('/api/inventory', 'gzip')
    const head = await ask('/api/inventory', 'gzip', { method: 'HEAD' })
    expect(head.rawPayload).toHaveLength(0)
    for (const name of ['content-encoding', 'content-length', 'vary', 'content-type']) {
      expect(head.headers[name], name).toBe(headers[name])
    }
  })

  it('comes of a file that nobody has packed before', async () => {
    const plain = await ask('/docs/static/swagger-ui.css', undefined)
    const packed = await ask('/docs/static/swagger-ui.css', 'gzip')
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(packed.headers['accept-ranges']).toBeUndefined()
    expect(unpacked(packed)).toBe(plain.rawPayload.toString())
    const head = await ask('/docs/static/swagger-ui.css', 'gzip', { method: 'HEAD' })
    expect(head.headers['content-length']).toBeUndefined()
  })
})

describe('an answer stays plain', () => {
  it('where it is short', async () => {
    const { headers } = await ask('/api/inventory/AMOX-500', 'gzip')
    expect(headers).toMatchObject({ etag: '"3"', vary: 'Origin, Accept-Encoding' })
    expect(headers['content-encoding']).toBeUndefined()
  })

  it.each([
    ['POST', '/api/auth/login', { username: 'asha', password: 'secret-1' }],
    ['POST', '/api/auth/refresh', { refreshToken: 'r' }],
    ['GET', '/api/auth/me', undefined],
    ['HEAD', '/api/auth/me', undefined],
  ] as const)('where it may hold a secret: %s %s', async (method, url, payload) => {
    const long = 'x'.repeat(4_000)
    const tokens = { accessToken: long, expiresIn: 900, refreshToken: long }
    const user = { id: 'u', username: 'a', role: 'doctor', isActive: true } as const
    const whole = { ...user, email: long, createdAt: ITEM.updatedAt }
    api.deps.login.login.mockResolvedValue({ ...tokens, user: whole })
    api.deps.login.refresh.mockResolvedValue(tokens)
    api.deps.users.get.mockResolvedValueOnce(whole)
    const answer = await ask(url, 'gzip', {
      method,
      ...(payload === undefined ? {} : { payload }),
    })
    expect(answer.statusCode).toBe(200)
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(4_000)
    expect(answer.headers['content-encoding']).toBeUndefined()
  })

  it('where it is a part', async () => {
    const { statusCode, headers, rawPayload } = await ask('/docs/static/swagger-ui.css', 'gzip', {
      headers: { range: 'bytes=0-2999' },
    })
    expect(statusCode).toBe(206)
    expect(headers['content-encoding']).toBeUndefined()
    expect(rawPayload).toHaveLength(3_000)
  })
})

describe('a file of the page', () => {
  it.each(['br', 'gzip', undefined])('comes as it was packed at the build: %s', async (coding) => {
    for (const [url, type] of [
      ['/', 'text/html'],
      ['/index.html', 'text/html'],
      ['/assets/index-B3x9fa2k.js', 'javascript'],
    ] as const) {
      const answer = await ask(url, coding)
      expect(answer.headers['content-encoding'], url).toBe(coding)
      expect(answer.headers['content-type'], url).toContain(type)
      expect(answer.headers['vary'], url).toMatch(/accept-encoding/i)
      expect(unpacked(answer), url).toContain('stock')
    }
  })

  it('is kept for ever where its name tells its content, and asked for each time where not', async () => {
    for (const coding of ['br', 'gzip', undefined]) {
      const script = await ask('/assets/index-B3x9fa2k.js', coding)
      expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
      const page = await ask('/', coding)
      expect(page.headers['cache-control']).toBe('no-cache')
    }
  })

  it('is not sent again to whom has it', async () => {
    const first = await ask('/assets/index-B3x9fa2k.js', 'br')
    const again = await ask('/assets/index-B3x9fa2k.js', 'br', {
      headers: { 'if-none-match': String(first.headers['etag']) },
    })
    expect(again.statusCode).toBe(304)
    expect(again.rawPayload).toHaveLength(0)
  })

  it('has no address for its packed form', async () => {
    for (const url of ['/assets/index-B3x9fa2k.js.br', '/index.html.gz', '/icon.svg.br']) {
      expect((await ask(url, 'br')).statusCode, url).toBe(404)
    }
  })

  it('stays plain where it is short', async () => {
    const { headers, rawPayload } = await ask('/icon.svg', 'br, gzip')
    expect(headers['content-encoding']).toBeUndefined()
    expect(rawPayload.toString()).toBe(ICON)
  })
})
