import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  AuthRefreshResult,
  ClientToServerEvents,
  Connected,
  InventoryUpdate,
  Item,
  LowStock,
  ServerToClientEvents,
} from '@uzima/contracts'
import { Server, type Socket } from 'socket.io'

export const EPOCH = '11111111-1111-4111-8111-111111111111'
export const OTHER_EPOCH = '22222222-2222-4222-8222-222222222222'

/** The server's own events, and one that somebody made up. */
interface FakeEvents extends ServerToClientEvents {
  'private:note': (note: { readonly text: string }) => void
}

export type FakeSocket = Socket<ClientToServerEvents, FakeEvents>

export interface Refusal {
  readonly code: string
  readonly retryable: boolean
  readonly needsNewToken?: boolean
  readonly retryAfterMs?: number
}

export interface FakeServer extends AsyncDisposable {
  readonly url: string
  /** `auth` of every handshake so far, refused ones too. */
  readonly handshakes: Record<string, unknown>[]
  readonly sockets: () => FakeSocket[]
  /** Decides on each handshake; undefined accepts. */
  refuse: (auth: Record<string, unknown>, attempt: number) => Refusal | undefined
  /** Speaks first to an accepted socket. Default: `connected` at seq 0, not resumed. */
  greet: (socket: FakeSocket, auth: Record<string, unknown>) => void
  answerRefresh: (token: string) => AuthRefreshResult
}

/** Starts a stock Socket.IO server that speaks the contract as the test says. */
export const startFakeServer = async (): Promise<FakeServer> => {
  const http = createServer()
  const io = new Server<ClientToServerEvents, FakeEvents>(http, { pingInterval: 200 })
  const handshakes: Record<string, unknown>[] = []

  io.use((socket, next) => {
    const auth: Record<string, unknown> = socket.handshake.auth
    handshakes.push(auth)
    const refusal = server.refuse(auth, handshakes.length)
    if (refusal === undefined) next()
    else next(Object.assign(new Error(`refused: ${refusal.code}`), { data: refusal }))
  })
  io.on('connection', (socket) => {
    socket.on('auth:refresh', ({ token }, ack) => {
      ack(server.answerRefresh(token))
    })
    server.greet(socket, socket.handshake.auth)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  const server: FakeServer = {
    // A listening TCP server has an AddressInfo; the type also covers pipes.
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    handshakes,
    sockets: () => [...io.sockets.sockets.values()],
    refuse: () => undefined,
    greet: (socket) => {
      socket.emit('connected', greeting(0))
    },
    answerRefresh: () => ({ ok: true, sessionExpiresAt: null }),
    [Symbol.asyncDispose]: async () => {
      await io.close()
    },
  }
  return server
}

export const greeting = (seq: number, changes: Partial<Connected> = {}): Connected => ({
  message: 'Connected',
  userId: 'u1',
  username: 'asha',
  role: 'pharmacist',
  roles: [changes.role ?? 'pharmacist'],
  sessionExpiresAt: null,
  position: { epoch: EPOCH, seq },
  resumed: false,
  ...changes,
})

export const item = (sku: string, totalQuantity: number): Item => ({
  sku,
  name: sku,
  category: null,
  unit: null,
  threshold: 10,
  totalQuantity,
  usableQuantity: totalQuantity,
  expiredQuantity: 0,
  lowStock: totalQuantity <= 10,
  version: 1,
  lots: [],
  metadata: {},
  updatedAt: '2026-01-01T00:00:00.000Z',
})

export const update = (seq: number, sku = 'a', totalQuantity = seq): InventoryUpdate => ({
  seq,
  type: 'updated',
  item: item(sku, totalQuantity),
  timestamp: '2026-01-01T00:00:00.000Z',
})

export const lowStock = (seq: number, sku = 'a'): LowStock => ({
  seq,
  sku,
  name: sku,
  totalQuantity: 3,
  usableQuantity: 3,
  threshold: 10,
  lots: [],
  timestamp: '2026-01-01T00:00:00.000Z',
})
