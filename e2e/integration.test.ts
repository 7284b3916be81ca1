import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import jwt from 'jsonwebtoken'
import { io, type Socket } from 'socket.io-client'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startProgram, type Program } from '../test/support/program.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { createTestDatabase, type TestDatabase } from '../test/support/world.js'

const secret = randomBytes(32).toString('base64url')
const password = 'a password of the example'
const example = (path: string): string =>
  fileURLToPath(new URL(`../examples/${path}`, import.meta.url))
const readSql = (name: string): Promise<string> =>
  readFile(example(`express-existing-users/${name}`), 'utf8')

// One database: the back end's own schema, and the service's.
let database: TestDatabase
let service: RunningServer
let pages: Server
let pageUrl: string

beforeAll(async () => {
  database = await createTestDatabase()
  pages = await servePage()
  pageUrl = `http://localhost:${String((pages.address() as AddressInfo).port)}`
  for (const name of ['schema.sql', 'revocation.sql', 'revocation.sql']) {
    await database.script(await readSql(name))
  }
  service = await startServer({
    env: { DATABASE_URL: database.url ?? '', JWT_SECRET: secret, CLIENT_URL: pageUrl },
  })
})
afterAll(async () => {
  await service.stop()
  pages.close()
  await database[Symbol.asyncDispose]()
})

interface Backend extends Program {
  readonly url: string
}

const startBackend = async (
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Backend> => {
  const program = await startProgram([`examples/${name}/server.js`], {
    env: { PORT: '0', EXAMPLE_PASSWORD: password, ...env },
  })
  const [, url = ''] = await program.says(/Example back end at (\S+)/)
  return { ...program, url }
}

const post = (url: string, body: object, token = ''): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })

const logIn = async (url: string, username: string): Promise<string> => {
  const answer = await post(`${url}/login`, { username, password })
  return ((await answer.json()) as { token: string }).token
}

interface Client extends Disposable {
  readonly socket: Socket
  /** Events by name, ends by their reason, refusals by their code. */
  readonly heard: string[]
}

const connect = (url: string, token: string): Client => {
  const heard: string[] = []
  const auth = { token }
  const socket = io(url, { auth, transports: ['websocket'], forceNew: true })
  socket.onAny((event: string) => {
    // Comes by itself every few seconds, on the whole service.
    if (event !== 'inventory:digest') heard.push(event)
  })
  socket.on('disconnect', () => heard.push('disconnected'))
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) =>
    heard.push(error.data?.code ?? 'no way'),
  )
  return { socket, heard, [Symbol.dispose]: () => socket.disconnect() }
}

describe('an Express back end with users of its own', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await startBackend('express-existing-users', { DATABASE_URL: database.url ?? '' })
  })
  afterAll(() => backend.stop())

  it('ends live sockets of whom plain SQL on its table deactivates, and admits him again', async () => {
    const refusals = (): number =>
      backend.output().match(/socket refused AUTH_USER_INACTIVE/g)?.length ?? 0
    const before = refusals()
    const token = await logIn(backend.url, 'asha')
    await using program = await startProgram(['examples/client/client.js', backend.url, token])
    await program.says(/^Connected as: asha$/m)
    using client = connect(backend.url, token)
    await expect.poll(() => client.heard).toEqual(['connected'])

    await database.query(`update clinic.users set active = false where username = 'asha'`)
    const ended = ['connected', 'disconnected', 'AUTH_USER_INACTIVE']
    await expect.poll(() => client.heard).toEqual(ended)
    // The client of the other program came back, too, and was refused like this one.
    await expect.poll(refusals).toBe(before + 2)

    await database.query(`update clinic.users set active = true where username = 'asha'`)
    client.socket.connect()
    await expect.poll(() => client.heard).toEqual([...ended, 'connected'])
  })

  it('moves them to a new role, and hears what was committed while its watch was cut', async () => {
    await database.query(`insert into clinic.users (username, email, job, password_hash)
      select 'neema', 'neema@clinic.example', 'nurse', password_hash from clinic.users where username = 'asha'`)
    using client = connect(backend.url, await logIn(backend.url, 'neema'))
    await expect.poll(() => client.heard).toEqual(['connected'])
    await database.query(`update clinic.users set job = 'physician' where username = 'neema'`)
    await expect.poll(() => client.heard).toEqual(['connected', 'disconnected', 'connected'])

    await database.script(`begin;
      select pg_terminate_backend(pid, 30000) from pg_stat_activity
        where datname = current_database() and application_name = 'users-watch';
      delete from clinic.users where username = 'neema';
      commit;`)
    await expect.poll(() => client.heard.at(-1)).toBe('AUTH_USER_UNKNOWN')
  })
})

describe('the service on the database of a back end', () => {
  it('has its users by a trigger, and ends their sockets with a proof', async () => {
    const [before] = await database.query<{ id: string }>(
      `insert into clinic.users (username, email, job, password_hash)
       values ('juma', 'juma@clinic.example', 'physician', 'x')
       on conflict (username) do update set job = excluded.job, active = true returning id`,
    )
    const { id = '' } = before ?? {}
    const mirror = await readSql('mirror.sql')
    for (const script of [mirror, mirror]) await database.script(script)
    const token = jwt.sign({ id }, secret, { expiresIn: '15m' })
    using client = connect(service.url, token)
    await expect.poll(() => client.heard).toEqual(['connected'])

    await database.query(`update clinic.users set job = 'store keeper' where username = 'juma'`)
    const roleOf = `select role from users where username = 'juma'`
    expect(await database.query(roleOf)).toEqual([{ role: 'inventory_manager' }])
    await database.query(`update clinic.users set active = false where username = 'juma'`)
    await expect.poll(() => client.heard).toContain('disconnected')
    expect(client.heard).toContain('session:closing')
    await expect
      .poll(() =>
        database.query(
          `select ended, sockets_closed from revocations join revocation_acks using (seq)
           where user_id = $1 and ended = 'deactivated'`,
          [id],
        ),
      )
      .toEqual([{ ended: 'deactivated', sockets_closed: 1 }])

    await database.query(`delete from clinic.users where username = 'juma'`)
    expect(await database.query(roleOf)).toEqual([])
    await expect(database.query('truncate clinic.users')).rejects.toThrow()
  })
})

describe('a Fastify back end', () => {
  it('has its routes and authenticated sockets on one port, and ends by SIGTERM with sockets open', async () => {
    await using backend = await startBackend('fastify-backend')
    const token = await logIn(backend.url, 'amina')
    using client = connect(backend.url, token)
    await expect.poll(() => client.heard).toEqual(['connected'])
    expect((await post(`${backend.url}/notes`, {}, 'forged')).status).toBe(401)
    expect((await post(`${backend.url}/notes`, {}, token)).status).toBe(202)
    await expect.poll(() => client.heard).toContain('private:notification')
    backend.signal('SIGTERM')
    expect((await backend.exited).code).toBe(0)
  })
})

describe('the earlier service and this one in one back end', () => {
  it('lets a client of either hear everything once, by the same token', async () => {
    await using backend = await startProgram(['examples/moving/server.js'], {
      env: { PORT: '0', NEW_PORT: '0', JWT_SECRET: secret },
    })
    const [, today = ''] = await backend.says(/Earlier service at (\S+)/)
    const [, tomorrow = ''] = await backend.says(/New service at (\S+)/)
    const token = jwt.sign({ id: 'u-1' }, secret, { expiresIn: '15m' })
    using earlier = connect(today, token)
    using next = connect(tomorrow, token)
    using stranger = connect(tomorrow, 'forged')
    for (const { heard } of [earlier, next]) await expect.poll(() => heard).toEqual(['connected'])
    await expect.poll(() => stranger.heard).toEqual(['AUTH_TOKEN_INVALID'])
    for (const count of [1, 2]) {
      expect((await fetch(today, { method: 'POST' })).status).toBe(202)
      const all = ['connected', ...Array<string[]>(count).fill(ANNOUNCED).flat()]
      for (const { heard } of [earlier, next]) await expect.poll(() => heard).toEqual(all)
    }
  })
})

const ANNOUNCED = ['inventory:update', 'private:notification']

describe('a React page', () => {
  it('shows the stock live to whom the service lets in', async () => {
    const token = await service.login()
    const sku = `ORS-${randomBytes(4).toString('hex')}`
    await database.query('delete from inventory_items')
    await service.api(token, 'POST', '/api/inventory', {
      sku,
      name: 'Salts',
      threshold: 5,
    })
    await using browser = await launchBrowser()
    const page = await browser.newPage()
    await page.goto(`${pageUrl}/?server=${encodeURIComponent(service.url)}`)
    await page.getByLabel('User name').fill('admin')
    await page.getByLabel('Password').fill('a wrong password')
    await page.getByRole('button').click()
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toBe('Wrong user name or password')
    await page.getByLabel('User name').fill('admin')
    await page.getByLabel('Password').fill(service.adminPassword)
    await page.getByRole('button').click()
    await expect.poll(() => page.getByRole('status').textContent()).toBe('admin, live, 1 low')
    await database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ($1, 'A', 40, '2099-12-31')`,
      [sku],
    )
    await expect.poll(() => page.getByRole('listitem').allTextContents()).toEqual(['Salts: 40'])
    await expect.poll(() => page.getByRole('status').textContent()).toBe('admin, live, 0 low')
  })
})

/** The React example as `vite build` makes it, on a free port. */
const servePage = async (): Promise<Server> => {
  const [built] = [
    await build({
      configFile: false,
      root: example('react'),
      logLevel: 'error',
      build: { write: false, minify: false },
    }),
  ].flat()
  if (built === undefined || !('output' in built)) throw new Error('Nothing was built.')
  const files = new Map(
    built.output.map((file) => [`/${file.fileName}`, 'code' in file ? file.code : file.source]),
  )
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    response.setHeader('content-type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html')
    response.end(files.get(pathname === '/' ? '/index.html' : pathname))
  })
  await once(server.listen(0, 'localhost'), 'listening')
  return server
}
