import { randomBytes, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '@uzima/contracts'
import jwt from 'jsonwebtoken'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import type { Database } from '../../src/storage/database.js'
import { startLocalApp } from './local-app.js'
import { createTestDatabase } from './world.js'

export interface TestUser {
  readonly id: string
  readonly username: string
  readonly role: Role
  /** A token as another back end makes it, with the secret that both know. */
  readonly token: string
}

export interface ReceivedEvent {
  readonly event: string
  // Whatever came over the wire: tests look into it.
  readonly data: Record<string, unknown>
}

/** A stock client that keeps everything it receives, from the first packet on. */
export interface TestClient {
  readonly socket: Socket
  readonly events: ReceivedEvent[]
  readonly of: (event: string) => Record<string, unknown>[]
}

export interface TestApp {
  readonly url: string
  readonly database: Database
  /** Stops the service as SIGTERM does; clients and database stay. */
  readonly stop: () => Promise<void>
  /** Ends clients, service and database. */
  readonly close: () => Promise<void>
  readonly addUser: (role: Role, options?: { readonly username?: string }) => Promise<TestUser>
  readonly tokenFor: (
    userId: string,
    claims?: Readonly<Record<string, unknown>>,
    expiresIn?: number,
  ) => string
  /** Begins to connect; wait for what you need. */
  readonly client: (
    token: string | undefined,
    options?: Partial<ManagerOptions & SocketOptions>,
  ) => TestClient
  /** Connects, and resolves when `connected` has come. */
  readonly connect: (
    user: TestUser,
    options?: Partial<ManagerOptions & SocketOptions>,
  ) => Promise<TestClient>
  readonly api: (
    token: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly status: number; readonly body: Record<string, unknown> }>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export interface TestAppOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Default: a fresh one, which ends with the app. */
  readonly database?: Database
  readonly bind?: boolean
  /** Told each log line of the service. */
  readonly onLine?: (line: string) => void
}

/** The whole service in this process, on a database of its own, on a port of its own. */
export const setupApp = async (options: TestAppOptions = {}): Promise<TestApp> => {
  const secret = options.env?.['JWT_SECRET'] ?? randomBytes(48).toString('base64url')
  const database = options.database ?? (await createTestDatabase())
  const clients: Socket[] = []
  const app = await startLocalApp({
    database,
    bind: options.bind,
    onLine: options.onLine,
    env: {
      // A machine that is busy with something else makes the service slow, which is not what most tests ask about.
      AUTH_STALE_AFTER_MS: '30000',
      AUTHENTICATE_WITHIN_MS: '30000',
      DATA_DIR: join(tmpdir(), `uzima-test-${randomUUID()}`),
      JWT_SECRET: secret,
      ...options.env,
    },
  })

  const tokenFor: TestApp['tokenFor'] = (userId, claims = {}, expiresIn = 600) =>
    jwt.sign({ id: userId, ...claims }, secret, { expiresIn })

  const addUser: TestApp['addUser'] = async (role, { username } = {}) => {
    const name = username ?? `${role}-${randomUUID().slice(0, 8)}`
    const [row] = await database.query<{ id: string }>(
      'insert into users (username, email, role) values ($1, $2, $3) returning id',
      [name, `${name}@example.org`, role],
    )
    if (row === undefined) throw new Error('No user was inserted.')
    return { id: row.id, username: name, role, token: tokenFor(row.id) }
  }

  const client: TestApp['client'] = (token, clientOptions = {}) => {
    const socket = io(app.url, {
      forceNew: true,
      transports: ['websocket'],
      ...(token === undefined ? {} : { auth: { token } }),
      ...clientOptions,
    })
    clients.push(socket)
    const events: ReceivedEvent[] = []
    socket.onAny((event: string, data: Record<string, unknown>) => {
      events.push({ event, data })
    })
    return {
      socket,
      events,
      of: (event) => events.filter((received) => received.event === event).map(({ data }) => data),
    }
  }

  const connect: TestApp['connect'] = async (user, clientOptions) => {
    const connected = client(user.token, clientOptions)
    await new Promise<void>((resolve, reject) => {
      connected.socket.once('connected', () => {
        resolve()
      })
      connected.socket.once('connect_error', reject)
    })
    return connected
  }

  const api: TestApp['api'] = async (token, method, path, body, headers = {}) => {
    const response = await fetch(`${app.url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    return { status: response.status, body: parsed }
  }

  const close = async (): Promise<void> => {
    for (const socket of clients) socket.disconnect()
    await app.close()
    // A database that the caller brought is closed by the app; what is left is to remove it.
    const { [Symbol.asyncDispose]: dispose } = database as Partial<AsyncDisposable>
    await dispose?.call(database)
  }

  return {
    url: app.url,
    database,
    stop: app.close,
    close,
    addUser,
    tokenFor,
    client,
    connect,
    api,
    [Symbol.asyncDispose]: close,
  }
}
