import { randomBytes } from 'node:crypto'
import { cp, mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { filledIn, readBoard } from '../../test/observability/board.js'
import { parseQuery } from '../../test/observability/promql.js'
import { startRedis, type RedisServer } from '../../test/support/redis-server.js'
import { freePort } from '../../test/support/server-process.js'
import { createTestDatabase, type TestDatabase } from '../../test/support/world.js'
import { startProxy, type Proxy } from '../deploy/nginx.js'
import { walkClinic } from './clinic.js'
import { takeFirstSteps } from './first-steps.js'
import { createNewcomer, statusOf, tokenIn, type Service } from './newcomer.js'
import { readSection } from './section.js'
import { typeAndWait, type Place } from './terminal.js'

// A newcomer's walk: each step is one of a document, named by it, and types what that document shows. A step goes on where
// the one before has ended, so the first that fails ends the walk (--bail).
const newcomer = createNewcomer()
const { root, clone, type, startService, step } = newcomer

describe('from a fresh clone', () => {
  let port = ''
  beforeAll(async () => {
    port = String(await freePort())
  })
  takeFirstSteps(newcomer, () => ({ cwd: clone(), env: { PORT: port } }), {
    shown: 'npm ci && npm start',
    again: 'npm start',
  })

  step('README.md', 'Send from your code', 'an Express app gets it', async ({ shows }) => {
    shows('[examples/express-backend](examples/express-backend/README.md)')
    const readme = await readFile(join(clone(), 'examples/express-backend/README.md'), 'utf8')
    const line = 'node examples/express-backend/server.js'
    expect(readme).toContain(`${line}\n`)
    const place = { cwd: clone(), env: { PORT: '0' } }
    const app = type(line, place)
    const [, url = ''] = await app.says(/Example back end at (\S+)/)
    const [, password = ''] = await app.says(/password (\S+)/)
    const post = (path: string, body: object, token = ''): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      })
    expect(readme).toContain('`POST /login` (`{ "username": "amina", "password": "..." }`)')
    const login = await post('/login', { username: 'amina', password })
    const { token } = (await login.json()) as { token: string }
    const client = type(`node examples/client/client.js ${url} ${token}`, place)
    await client.says(/Connected as: amina/)
    expect(readme).toContain('`POST /announcements`')
    expect((await post('/announcements', {}, token)).status).toBe(202)
    await client.says(/Inventory updated/)
    await client.interrupt()
    await app.interrupt()
  })
})

describe('from the packed packages', () => {
  let port = ''
  const folder = (): string => join(root(), 'empty')
  beforeAll(async () => {
    port = String(await freePort())
    const { shows } = await readSection(clone(), 'README.md', 'Start')
    await typeAndWait(shows('npm pack'), { cwd: clone(), env: {} })
    const [tarball = ''] = (await readdir(clone())).filter((name) => name.endsWith('.tgz'))
    await mkdir(folder())
    await cp(join(clone(), tarball), join(folder(), tarball))
  })
  takeFirstSteps(newcomer, () => ({ cwd: folder(), env: { PORT: port } }), {
    shown: 'npm install ./uzima-realtime-*.tgz && npx uzima-realtime',
    again: 'npx uzima-realtime',
  })
})

describe('the machine of a clinic', () => {
  walkClinic(newcomer, async () => {
    const [tarball = ''] = (await readdir(clone())).filter((name) => name.endsWith('.tgz'))
    return join(clone(), tarball)
  })
})

describe('two nodes', () => {
  let database: TestDatabase
  let redis: RedisServer
  let proxy: Proxy
  const nodes: Service[] = []
  const places: Place[] = []
  const metricsToken = randomBytes(24).toString('base64url')

  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false })
    redis = await startRedis()
    const ports = [await freePort(), await freePort()] as const
    const secret = randomBytes(48).toString('base64url')
    for (const port of ports) {
      const env = {
        PORT: String(port),
        NODE_NAME: `node-${String(port)}`,
        JWT_SECRET: secret,
        DATABASE_URL: database.url ?? '',
        REDIS_URL: redis.url,
        METRICS_TOKEN: metricsToken,
        TRUST_PROXY: '127.0.0.1',
      }
      places.push({ cwd: clone(), env })
    }
    proxy = await startProxy(ports)
  })
  afterAll(async () => {
    for (const { terminal } of nodes) await terminal.interrupt()
    await proxy[Symbol.asyncDispose]()
    await redis.stop()
    await database[Symbol.asyncDispose]()
  })
  const placeOf = (index: number): Place => {
    const place = places[index]
    if (place === undefined) throw new Error(`There is no node ${String(index)}.`)
    return place
  }

  step('docs/operations.md', 'Deployment', 'both serve behind a proxy', async ({ shows }) => {
    shows('`deploy/nginx/uzima.conf` has them')
    for (const place of places) nodes.push(await startService('npm start', place))
    const token = tokenIn(await typeAndWait('npx uzima token admin', placeOf(0)))
    const client = type(`npx uzima listen --url ${proxy.url}`, {
      cwd: clone(),
      env: { UZIMA_TOKEN: token, NODE_EXTRA_CA_CERTS: proxy.certificate },
    })
    await client.says(/Connected at .* as admin/)
    for (const [index, { url }] of nodes.entries()) {
      const send = `npx uzima send hello '{"from":"node ${String(index)}"}' --all --url ${url}`
      await typeAndWait(send, placeOf(index))
      await client.says(new RegExp(`hello +\\{"from":"node ${String(index)}"\\}`))
    }
    await client.interrupt()
  })

  step(
    'docs/operations.md',
    'When something is wrong',
    'Redis dies, and doctor names it',
    async ({ shows }) => {
      const line = `npx ${shows('uzima doctor')}`
      const before = type(line, placeOf(0))
      await before.ended
      expect(before.output()).toMatch(/^ *ok +redis/m)
      await redis.kill9()
      const after = type(line, placeOf(0))
      await after.ended
      expect(after.output()).toMatch(/^ *(?:warn|fail) +redis +.*(?:start Redis|correct)/im)
      // As "When something dies" says.
      for (const { url } of nodes) {
        await expect
          .poll(async () => (await fetch(`${url}/health/ready`)).json())
          .toMatchObject({ redis: { state: 'down', reason: 'unreachable' } })
        expect(await statusOf(`${url}/health/ready`)).toBe(200)
      }
      console.log(after.output())
    },
  )

  step('docs/operations.md', 'Health and metrics', 'the board can be read', async ({ shows }) => {
    shows('with `METRICS_TOKEN` as bearer token')
    const path = shows('ops/grafana/uzima.json')
    const { panels } = readBoard(await readFile(join(clone(), path), 'utf8'))
    const headers = { authorization: `Bearer ${metricsToken}` }
    const answer = await fetch(`${nodes[0]?.url ?? ''}/metrics`, { headers })
    const told = await answer.text()
    const known = new Set([...told.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    // Prometheus' own.
    known.add('up')
    const missing = panels
      .flatMap(({ targets = [] }) => targets)
      .flatMap(({ expr }) => parseQuery(filledIn(expr)).selectors)
      .map(({ metric }) => metric)
      .filter((name) => !known.has(name) && !known.has(name.replace(/_(?:bucket|sum|count)$/, '')))
    expect(panels.length).toBeGreaterThan(10)
    expect(missing).toEqual([])
    expect(told).toMatch(/^uzima_redis_trouble\{reason="unreachable"\} 1$/m)
  })
})
