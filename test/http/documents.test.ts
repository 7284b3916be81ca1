import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { CLIENT_EVENTS, SERVER_EVENTS } from '@uzima/contracts'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { asyncApiDocument } from '../../src/http/asyncapi.js'
import { createFakeApi } from './fake-api.js'
import { ROUTES } from './routes.js'

interface OpenApi {
  openapi: string
  paths: Record<
    string,
    Record<
      string,
      {
        security?: unknown
        responses: Record<string, unknown>
        operationId: string
        requestBody?: { required: boolean }
      }
    >
  >
  components: { schemas: Record<string, object> }
}

const openApi = async (): Promise<OpenApi> => {
  await using api = await createFakeApi()
  const response = await api.app.inject('/docs/openapi.json')
  expect(response.headers['content-type']).toContain('application/json')
  return response.json<OpenApi>()
}

describe('openapi.json', () => {
  it('has every route of the table and no other', async () => {
    const { openapi, paths } = await openApi()
    expect(openapi).toBe('3.1.0')
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'head')
        .map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.toSorted()).toEqual(
      ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted(),
    )
  })

  it('says of each route what it asks for and how it fails', async () => {
    const { paths } = await openApi()
    for (const { method, path, access } of ROUTES) {
      const operation = paths[path]?.[method.toLowerCase()]
      expect(operation?.security, path).toEqual(access === 'public' ? undefined : [{ bearer: [] }])
      expect(operation?.responses['default'], path).toMatchObject({
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      })
    }
  })

  it('names each operation once, and says which bodies may be left out', async () => {
    const { paths } = await openApi()
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain('getInventorySkuMovements')
    expect(paths['/api/auth/logout']?.['post']?.requestBody?.required).toBe(false)
    expect(paths['/api/auth/login']?.['post']?.requestBody?.required).toBe(true)
    expect(JSON.stringify(paths)).not.toContain('Default Response')
    expect(JSON.stringify(paths)).toContain('nothing is done twice')
  })

  it('names its schemas, and each name that is used is there', async () => {
    const document = await openApi()
    const names = Object.keys(document.components.schemas)
    for (const name of [
      'Item',
      'InventoryPage',
      'User',
      'LoginResult',
      'EventsPage',
      'Problem',
      'CreateItemInput',
      'ConsumeInput',
    ]) {
      expect(names).toContain(name)
    }
    const used = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)]
    expect([...new Set(used.map(([, name]) => name))].toSorted()).toEqual(names.toSorted())
    expect(JSON.stringify(document.paths['/api/inventory/{sku}']?.['get'])).toContain(
      '#/components/schemas/Item"',
    )
  })

  it('has schemas that compile', async () => {
    const { components } = await openApi()
    const ajv = addFormats.default(new Ajv({ strict: false }))
    const text = JSON.stringify(components.schemas).replaceAll('#/components/schemas/', '#/$defs/')
    const $defs: unknown = JSON.parse(text)
    for (const name of Object.keys(components.schemas)) {
      expect(() => ajv.compile({ $ref: `#/$defs/${name}`, $defs }), name).not.toThrow()
    }
  })
})

describe('asyncapi.json', () => {
  it('is AsyncAPI 3.0', async () => {
    const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json')
    const schema = JSON.parse(await readFile(file, 'utf8')) as object
    const isAsyncApi = addFormats
      .default(new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false }))
      .compile(schema)
    isAsyncApi(asyncApiDocument('localhost:3000'))
    expect(isAsyncApi.errors ?? []).toEqual([])
    expect(isAsyncApi({ asyncapi: '3.0.0' })).toBe(false)
  })

  it('has every event of the contract, and each reference leads somewhere', () => {
    const document = asyncApiDocument('localhost:3000')
    const messages = (document as { components: { messages: Record<string, { name: string }> } })
      .components.messages
    const names = Object.values(messages).map(({ name }) => name)
    for (const name of [...Object.keys(SERVER_EVENTS), ...Object.keys(CLIENT_EVENTS)]) {
      expect(names).toContain(name)
    }
    for (const [, pointer = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
      expect(target, pointer).toBeDefined()
    }
  })

  it('is served', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject({
      url: '/docs/asyncapi.json',
      headers: { host: 'clinic.local' },
    })
    expect(response.json()).toMatchObject({
      asyncapi: '3.0.0',
      servers: { this: { host: 'clinic.local' } },
    })
  })
})

describe('/docs', () => {
  it('is a page whose parts all come from here', async () => {
    await using api = await createFakeApi()
    const page = await api.app.inject('/docs')
    expect(page.statusCode).toBe(200)
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, source = '']) => source,
    )
    expect(sources.length).toBeGreaterThan(3)
    for (const source of sources) {
      const url = new URL(source, 'http://here/docs')
      expect(url.host).toBe('here')
      expect((await api.app.inject(url.pathname)).statusCode, source).toBe(200)
    }
    expect(page.body).not.toMatch(/<script>/)
  })

  it('tells the events too, from the schemas of the contract', async () => {
    await using api = await createFakeApi()
    const page = await api.app.inject('/docs/events')
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
    for (const name of [...Object.keys(SERVER_EVENTS), ...Object.keys(CLIENT_EVENTS)]) {
      expect(page.body).toContain(`<code>${name}</code>`)
    }
    expect(page.body).toContain('usableQuantity')
    expect(page.body).not.toContain('<script')
    for (const [, link = ''] of page.body.matchAll(/href="([^"]+)"/g)) {
      const { pathname } = new URL(link, 'http://here/docs/events')
      expect((await api.app.inject(pathname)).statusCode, link).toBe(200)
    }
    const { info } = (await api.app.inject('/docs/openapi.json')).json<{
      info: { description: string }
    }>()
    expect(info.description).toContain('(./docs/events)')
  })
})
