import type { Item } from '@uzima/contracts'
import {
  createWriteQueue,
  memoryWriteStore,
  type Movement,
  RealtimeError,
  type SendWrite,
  type WriteQueueControl,
  type WriteQueueOptions,
  type WriteStore,
} from '../../src/index.js'

type Request = Parameters<SendWrite>[0]
type Answer = Awaited<ReturnType<SendWrite>>

/** A queue of person `asha`, whose server does as it is told. */
export interface Desk extends Disposable {
  readonly queue: WriteQueueControl
  readonly store: WriteStore
  /** What went out, in order. */
  readonly sent: Request[]
  /** Decides what comes of each request; default: it is booked. */
  answer: (request: Request) => Answer | Promise<Answer>
  isOnline: boolean
  /** Milliseconds by which this device's clock is wrong. */
  clockMs: number
  readonly setUser: (userId: string | null) => void
  readonly setToken: (token: string) => void
  readonly setItem: (item: Item, epoch?: string) => void
}

const EPOCH = '3b0f2a2e-0000-4000-8000-000000000001'
export const OTHER_EPOCH = '3b0f2a2e-0000-4000-8000-000000000002'

/** A token of that user, signed by nobody. */
export const tokenOf = (userId: string): string =>
  `e30.${Buffer.from(JSON.stringify({ id: userId })).toString('base64url')}.x`

/** Makes the desk and starts its queue. */
export const setupDesk = async (
  store: WriteStore = memoryWriteStore(),
  options: Partial<WriteQueueOptions> = {},
): Promise<Desk> => {
  const listeners = new Set<() => void>()
  const stockListeners = new Set<() => void>()
  const items = new Map<string, Item>()
  let epoch = EPOCH
  let user: { readonly userId: string } | null = { userId: 'asha' }
  let token = tokenOf('asha')
  const sent: Request[] = []
  const desk: Desk = {
    store,
    sent,
    answer: booked,
    isOnline: true,
    clockMs: 0,
    setUser: (userId) => {
      user = userId === null ? null : { userId }
      for (const listener of [...listeners]) listener()
    },
    setToken: (next) => {
      token = next
    },
    setItem: (item, next = EPOCH) => {
      epoch = next
      items.set(item.sku, item)
      for (const listener of [...stockListeners]) listener()
    },
    queue: createWriteQueue({
      store,
      send: async (request) => {
        sent.push(request)
        return desk.answer(request)
      },
      getToken: () => token,
      user: {
        get: () => user,
        subscribe: (listener) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      },
      stock: {
        get: (sku) => items.get(sku),
        position: () => ({ epoch, seq: 0 }),
        subscribe: (_target, listener) => {
          stockListeners.add(listener)
          return () => stockListeners.delete(listener)
        },
      },
      isOnline: () => desk.isOnline,
      now: () => Date.now() + desk.clockMs,
      locks: null,
      random: () => 0,
      ...options,
    }),
    [Symbol.dispose]: () => {
      desk.queue.stop()
    },
  }
  await desk.queue.start()
  return desk
}

/** Booked, as version 7 of the item. */
export const booked = ({ path }: Request): Answer => {
  const sku = decodeURIComponent(path.split('/')[3] ?? '')
  const item = { sku, version: 7 }
  return {
    status: 200,
    body: path.endsWith('/consume') ? { item, lotsConsumed: [] } : item,
    retryAfter: null,
  }
}

/** A refusal as the service makes it. */
export const problem = (
  status: number,
  code: string,
  more: Readonly<Record<string, unknown>> = {},
): Answer => ({
  status,
  body: {
    type: `urn:uzima:error:${code}`,
    title: code,
    status,
    code,
    detail: `${code}.`,
    retryable: false,
    ...more,
  },
  retryAfter: null,
})

export const noAnswer = (): never => {
  throw new RealtimeError('NETWORK_ERROR', 'The server cannot be reached', { retryable: true })
}

/** An item with these lots: `[number, units, expired]`. */
export const itemWith = (
  sku: string,
  version: number,
  lots: readonly (readonly [string, number, boolean?])[],
): Item => {
  const made = lots.map(([lotNumber, quantity, expired = false], index) => ({
    lotNumber,
    quantity,
    expired,
    expiryDate: `20${String(30 + index)}-01-01`,
    receivedAt: '2026-01-01T00:00:00.000Z',
  }))
  const units = (expired: boolean): number =>
    made.filter((lot) => lot.expired === expired).reduce((sum, lot) => sum + lot.quantity, 0)
  return {
    sku,
    name: sku,
    category: null,
    unit: null,
    threshold: 0,
    totalQuantity: units(true) + units(false),
    usableQuantity: units(false),
    expiredQuantity: units(true),
    lowStock: false,
    version,
    lots: made,
    metadata: {},
    updatedAt: '2026-01-01T00:00:00.000Z',
  }
}

export const consume = (sku: string, quantity = 1): Movement => ({ kind: 'consume', sku, quantity })
export const states = ({ queue }: Desk): string[] => queue.list().map(({ state }) => state)
export const keys = ({ sent }: Desk): string[] => sent.map(({ key }) => key)
export const rowOf = async ({ store }: Desk, id: string) =>
  (await store.read()).find((row) => row.id === id)
