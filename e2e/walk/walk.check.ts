import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filledIn, readBoard } from '../../test/observability/board.js'
import { parseQuery } from '../../test/observability/promql.js'
import { startRedis, type RedisServer } from '../../test/support/redis-server.js'
import { freePort } from '../../test/support/server-process.js'
import { createTestDatabase, type TestDatabase } from '../../test/support/world.js'
import { startProxy, type Proxy } from '../deploy/nginx.js'
import { buildEarlier } from '../upgrade/earlier.js'
import { readSection, type Section } from './section.js'
import { type, typeAndWait, type Place, type Terminal } from './terminal.js'

// A newcomer's walk: each step is one of a document, named by it, and types only what that document shows. A step goes on
// where the one before has ended, so the first that fails ends the walk (--bail).

let root = ''
let clone = ''
const open: Terminal[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'uzima-walk-'))
  clone = join(root, 'uzima-realtime')
  await typeAndWait(`git clone --quiet "${process.cwd()}" "${clone}"`, { cwd: root, env: {} })
})
afterAll(async () => {
  for (const terminal of open.reverse()) await terminal.interrupt()
  await rm(root, { recursive: true, force: true })
})

const keep = (terminal: Terminal): Terminal => {
  open.push(terminal)
  return terminal
}

/** One step, named by the section that it follows. */
const step = (
  path: string,
  heading: string,
  what: string,
  follow: (section: Section) => Promise<void>,
): void => {
  it(`${what} (${path}, "${heading}")`, async () => {
    await follow(await readSection(clone, path, heading))
  })
}

const READY = /Uzima Realtime is at (\S+)/

/** Where a service is, as its own words told. */
interface Service {
  url: string
  terminal: Terminal
}

const startAt = async (line: string, place: Place): Promise<Service> => {
  const terminal = keep(type(line, place))
  const [, url = ''] = await terminal.says(READY)
  return { terminal, url }
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status

const tokenIn = (said: string): string => /^[\w-]+\.[\w-]+\.[\w-]+$/m.exec(said)?.[0] ?? ''

const COPY = 'uzima backup copies/monday'
const RESTORE = 'uzima restore copies/monday'
const LISTS_USERS = 'uzima user list'
const PASSWORD = 'a password that the newcomer has chosen'

/** What a newcomer does first, with the commands of either way to have the program. */
const walkThrough = (
  place: () => Place,
  start: { readonly shown: string; readonly again: string },
): void => {
  let service: Service
  const npx = (line: string): Promise<string> => typeAndWait(`npx ${line}`, place())

  step('README.md', 'Start', 'it starts', async ({ shows }) => {
    const line = shows(start.shown)
    service = await startAt(line, place())
    await service.terminal.says(/ admin +\S+\n[^]*patient/)
    expect(await statusOf(`${service.url}/health/ready`)).toBe(200)
    expect(await (await fetch(service.url)).text()).toContain('/assets/')
    expect(await statusOf(`${service.url}/docs`)).toBe(200)
  })

  step('README.md', 'Start', 'an event is seen', async ({ shows }) => {
    const second = keep(type(shows('npx uzima listen'), place()))
    await second.says(/Connected at .* as admin/)
    await typeAndWait(shows(`npx uzima send hello '{"from":"the third terminal"}' --all`), place())
    await second.says(/hello +\{"from":"the third terminal"\}/)
    await second.interrupt()
  })

  step('docs/command-line.md', 'uzima user add', 'a user is added', async ({ shows }) => {
    await writeFile(join(place().cwd, 'pw'), `${PASSWORD}\n`)
    await npx(shows('uzima user add kiosk --role doctor --password-file pw'))
    const answer = await fetch(`${service.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'kiosk', password: PASSWORD }),
    })
    expect(answer.status).toBe(200)
  })

  step(
    'docs/command-line.md',
    'uzima revoke',
    'a right is ended, and proved',
    async ({ shows }) => {
      const { cwd, env } = place()
      const token = tokenIn(await npx('uzima token kiosk'))
      const kiosk = keep(type('npx uzima listen', { cwd, env: { ...env, UZIMA_TOKEN: token } }))
      await kiosk.says(/Connected at .* as kiosk/)
      const said = await npx(shows('uzima revoke ana', { ana: 'kiosk' }))
      const [, seq = ''] = /entry (\d+) of the log/.exec(said) ?? []
      await kiosk.says(/SESSION_REVOKED|AUTH_\w+|ended/)
      expect(await kiosk.ended).not.toBe(0)
      const proof = await readSection(clone, 'docs/command-line.md', 'uzima revocation')
      const told = await npx(proof.shows('uzima revocation 1042', { '1042': seq }))
      expect(told).toMatch(new RegExp(`^${seq} +\\d{4}-\\d\\d-\\d\\dT`, 'm'))
      console.log(told)
    },
  )

  step(
    'docs/operations.md',
    'Backup and restore',
    'the data is copied, lost and restored',
    async ({ shows }) => {
      await npx(shows(COPY))
      await npx('uzima user add later --role doctor --password-file pw')
      await service.terminal.interrupt()
      await typeAndWait(shows('mv data/pglite data/pglite.broken'), place())
      await npx(shows(RESTORE))
      service = await startAt(start.again, place())
      const users = await npx(LISTS_USERS)
      expect(users).toMatch(/^kiosk /m)
      expect(users).not.toMatch(/^later /m)
    },
  )

  step('docs/operations.md', 'When something is wrong', 'nothing is wrong', async ({ shows }) => {
    expect(await npx(shows('uzima doctor'))).not.toMatch(/^ *fail/m)
    await service.terminal.interrupt()
  })
}

describe('from a fresh clone', () => {
  let port = ''
  beforeAll(async () => {
    port = String(await freePort())
  })
  walkThrough(() => ({ cwd: clone, env: { PORT: port } }), {
    shown: 'npm ci && npm start',
    again: 'npm start',
  })

  step('README.md', 'Send from your code', 'an Express app gets it', async ({ shows }) => {
    shows('[examples/express-backend](examples/express-backend/README.md)')
    const readme = await readFile(join(clone, 'examples/express-backend/README.md'), 'utf8')
    const line = 'node examples/express-backend/server.js'
    expect(readme).toContain(`${line}\n`)
    const place = { cwd: clone, env: { PORT: '0' } }
    const app = keep(type(line, place))
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
    const client = keep(type(`node examples/client/client.js ${url} ${token}`, place))
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
  const folder = (): string => join(root, 'empty')
  beforeAll(async () => {
    port = String(await freePort())
    const { shows } = await readSection(clone, 'README.md', 'Start')
    await typeAndWait(shows('npm pack'), { cwd: clone, env: {} })
    const [tarball = ''] = (await readdir(clone)).filter((name) => name.endsWith('.tgz'))
    await mkdir(folder())
    await cp(join(clone, tarball), join(folder(), tarball))
  })
  walkThrough(() => ({ cwd: folder(), env: { PORT: port } }), {
    shown: 'npm install ./uzima-realtime-*.tgz && npx uzima-realtime',
    again: 'npx uzima-realtime',
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
      places.push({ cwd: clone, env })
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
    for (const place of places) nodes.push(await startAt('npm start', place))
    const token = tokenIn(await typeAndWait('npx uzima token admin', placeOf(0)))
    // The certificate is of this walk's own.
    const place = { cwd: clone, env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }
    const client = keep(
      type(`npx uzima listen --url ${proxy.url}`, {
        ...place,
        env: { ...place.env, UZIMA_TOKEN: token },
      }),
    )
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
    const { panels } = readBoard(await readFile(join(clone, path), 'utf8'))
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

describe('another version', () => {
  step('docs/operations.md', 'Upgrade', 'it is upgraded, and goes back', async ({ shows }) => {
    const earlier = await buildEarlier()
    const old = join(earlier.main, '../..')
    const folder = join(root, 'upgraded')
    await mkdir(folder)
    const env = { PORT: String(await freePort()), DATA_DIR: join(folder, 'data') }
    const [before, after] = [
      { cwd: old, env },
      { cwd: clone, env },
    ]
    const copy = `uzima backup ${join(folder, 'monday')}`
    const add = (name: string): string =>
      `npx uzima user add ${name} --role doctor --password-file ${join(folder, 'pw')}`
    await writeFile(join(folder, 'pw'), `${PASSWORD}\n`)

    let service = await startAt('npm start', before)
    await typeAndWait(add('kiosk'), before)
    shows('1. Make a backup.')
    await typeAndWait(`npx ${copy}`, before)
    shows('2. One node: stop it, install the new version, start it.')
    await service.terminal.interrupt()
    service = await startAt('npm start', after)
    expect(await typeAndWait('npx uzima user list', after)).toMatch(/^kiosk /m)
    await typeAndWait(add('later'), after)
    await service.terminal.interrupt()

    shows('a schema newer than the program is refused')
    const again = keep(type('npm start', before))
    await again.says(/Start the newer program|Uzima Realtime is at/)
    const goesOn = READY.test(again.output())
    await again.interrupt()
    console.log(goesOn ? 'The schema is the same.' : 'The version before is refused.')

    shows('Afterwards restore the\nbackup of step 1')
    await typeAndWait(
      `mv ${join(folder, 'data/pglite')} ${join(folder, 'data/pglite.new')}`,
      before,
    )
    await typeAndWait(`npx uzima restore ${join(folder, 'monday')}`, before)
    service = await startAt('npm start', before)
    const users = await typeAndWait('npx uzima user list', before)
    expect(users).toMatch(/^kiosk /m)
    expect(users).not.toMatch(/^later /m)
    await service.terminal.interrupt()
  })
})
