import { Agent, request as send } from 'node:http'
import { ROLES } from '@uzima/contracts'
import { setupApp, type TestApp } from '../support/app.js'
import type { Answer, OpenApi } from './document.js'
import type { Caller, FuzzRequest } from './requests.js'
import type { Pools } from './values.js'

/** A service with stock, people and a history, that any request may be sent to. */
export interface FuzzWorld extends AsyncDisposable {
  readonly document: OpenApi
  readonly pools: Pools
  /** Sends the request; a caller who lost the right to call in between is given it again. Rejects where nothing comes. */
  readonly ask: (request: FuzzRequest) => Promise<Answer>
}

const ITEMS = 12
/** Requests between two repairs of what they have archived, emptied or deactivated. */
const REPAIR_EVERY = 100

export const createFuzzWorld = async (): Promise<FuzzWorld> => {
  const app = await setupApp({
    env: { AUTH_FAILURES_PER_MINUTE: '1000000', MAX_CONNECTIONS_PER_USER: '1000' },
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const tokens = new Map<Caller, string>()
  for (const role of ROLES) tokens.set(role, (await app.addUser(role)).token)
  const pools = await fill(app, tokens.get('admin') ?? '')
  let asked = 0

  const once = ({ caller, method, url, headers, body }: FuzzRequest): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const token = caller === 'stranger' ? 'e30.e30.x' : tokens.get(caller)
      const outgoing = send(
        new URL(app.url),
        {
          agent,
          method,
          path: url,
          headers: {
            ...headers,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const [type = ''] = (response.headers['content-type'] ?? '').split(';')
            resolve({
              status: response.statusCode ?? 0,
              type,
              body: Buffer.concat(chunks).toString(),
            })
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  const ask: FuzzWorld['ask'] = async (request) => {
    asked += 1
    if (asked % REPAIR_EVERY === 0) await repair(app, pools['id'] ?? [])
    const answer = await once(request)
    if (answer.status !== 401 || !isRole(request.caller)) return answer
    // Somebody's request has deleted, revoked or demoted this caller.
    tokens.set(request.caller, (await app.addUser(request.caller)).token)
    return once(request)
  }

  return {
    document: (await app.api(undefined, 'GET', '/docs/openapi.json')).body as unknown as OpenApi,
    pools,
    ask,
    [Symbol.asyncDispose]: async () => {
      agent.destroy()
      await app.close()
    },
  }
}

const isRole = (caller: Caller): caller is (typeof ROLES)[number] =>
  caller !== 'nobody' && caller !== 'stranger'

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Items, lots, accounts and refused sockets; resolves to what of them the requests may name. */
const fill = async (app: TestApp, admin: string): Promise<Pools> => {
  const { database } = app
  const skus = range(ITEMS).map((n) => `SKU-${n.toString()}`)
  for (const sku of skus) {
    await database.query('insert into inventory_items (sku, name, threshold) values ($1, $1, 5)', [
      sku,
    ])
    for (const lot of ['L1', 'L2', 'old']) {
      await database.query('insert into inventory_lots values ($1, $2, 100, $3)', [
        sku,
        lot,
        lot === 'old' ? '2020-01-31' : '2040-01-31',
      ])
    }
  }
  // Two refused sockets, for the connection log.
  for (const token of ['none', 'neither']) {
    const { socket } = app.client(token)
    await new Promise<void>((resolve) =>
      socket.once('connect_error', () => {
        resolve()
      }),
    )
    socket.disconnect()
  }
  const victims = await Promise.all(range(6).map(() => app.addUser('doctor')))
  // Dismissed, so that there are proofs of it to read.
  for (const { id } of victims.slice(0, 3)) {
    await database.query('update users set tokens_not_before = now() where id = $1', [id])
  }
  const password = 'a password for tests'
  await database.query(
    `update users set password_hash = (select password_hash from users where username = 'admin') where id = $1`,
    [victims[4]?.id ?? ''],
  )
  const username = victims[4]?.username ?? ''
  const login = await app.api(undefined, 'POST', '/api/auth/login', { username, password })
  const cursors = await Promise.all(
    Object.entries(LISTS).map(async ([operationId, path]) => {
      const { body } = await app.api(admin, 'GET', `${path}?limit=1`)
      const { nextCursor } = body
      return [
        `cursor of ${operationId}`,
        typeof nextCursor === 'string' ? [nextCursor] : [],
      ] as const
    }),
  )
  const { body: page } = await app.api(admin, 'GET', '/api/inventory?limit=1')
  const { epoch } = page['position'] as { epoch: string }
  const revoked = await database.query<{ seq: number }>('select seq from revocations limit 5')
  return {
    sku: [...skus, 'new-1', 'new-2'],
    lotNumber: ['L1', 'L2', 'old', 'new'],
    expiryDate: ['2040-01-31', '2020-01-31', '2041-12-31'],
    id: victims.map(({ id }) => id),
    userId: victims.map(({ id }) => id),
    socketId: ['none'],
    username: [username, 'asha', 'baraka', 'juma@clinic'],
    email: ['asha@clinic.example', 'baraka@clinic.example', `${username}@example.org`],
    password: [password],
    refreshToken: [String(login.body['refreshToken'])],
    ...Object.fromEntries(cursors),
    seq: revoked.map(({ seq }) => seq.toString()),
    epoch: [epoch],
    since: ['2026-01-01T00:00:00Z', '2026-01-01T03:00:00+03:00'],
    event: ['notice', 'inventory:update'],
    room: ['ward-7'],
    'if-match': ['"1"', 'W/"1"', '"1", "2", "3"', '*'],
    'idempotency-key': range(50).map((n) => `key-${n.toString()}`),
  }
}

/** The lists that come in pages, by operation. */
const LISTS = {
  getUsers: '/api/users',
  getInventory: '/api/inventory',
  getInventorySkuMovements: '/api/inventory/SKU-0/movements',
  getRevocations: '/api/revocations',
  getConnectionAttempts: '/api/connection-attempts',
}

/** Makes deep ways deep again. */
const repair = async ({ database }: TestApp, victims: readonly string[]): Promise<void> => {
  await database.query(
    'update inventory_items set archived_at = null where archived_at is not null',
  )
  await database.query(
    'update inventory_lots set quantity = 100 where quantity < 10 or quantity > 1000000',
  )
  await database.query('update users set is_active = true where not is_active')
  await database.query(
    `insert into users (id, username, email, role)
      select id::uuid, 'victim-' || id, id || '@example.org', 'doctor' from unnest($1::text[]) as id
      on conflict do nothing`,
    [victims],
  )
}
