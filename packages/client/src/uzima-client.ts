import type { Connected } from '@uzima/contracts'
import { createInventoryView } from './inventory/inventory-view.js'
import { createPendingParts } from './pending-parts.js'
import { createRealtimeClient } from './realtime-client.js'
import { createRestClient } from './rest-client.js'
import { createStockView } from './stock-view.js'
import type { ConnectionInfo, UzimaClient, UzimaClientOptions } from './uzima-client-types.js'

/** Makes the one door to the service. Nothing happens before `start`. */
export const createUzimaClient = (options: UzimaClientOptions): UzimaClient => {
  const home = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`)
  const rest = createRestClient({ baseUrl: home.href, getToken: options.getToken })
  const stock = createStockView(
    options.schedule === undefined ? {} : { schedule: options.schedule },
  )
  const listeners = new Set<() => void>()

  const realtime = createRealtimeClient({
    url: home.origin,
    path: `${home.pathname}socket.io/`,
    getToken: options.getToken,
    ...(options.transports === undefined ? {} : { transports: options.transports }),
    loadSnapshot: rest.inventory.snapshot,
    onSnapshot: (snapshot) => {
      stock.dispatch({ type: 'snapshot', snapshot })
    },
    onEvent: (event) => {
      stock.dispatch({ type: 'event', event })
    },
    onConnected: ({ userId, username, role, sessionExpiresAt }: Connected) => {
      set({ user: { userId, username, role }, sessionExpiresAt })
    },
    onRole: (role) => {
      if (connection.user !== null) set({ user: { ...connection.user, role } })
    },
    onStatus: (status) => {
      set({ ...status, ...(status.synced ? { asOf: status.lastContactAt } : {}) })
    },
    onError: (error) => options.onError?.(error),
  })

  let connection: ConnectionInfo = {
    ...realtime.status(),
    user: null,
    asOf: null,
    verifiedAt: null,
    divergences: 0,
    sessionExpiresAt: null,
  }
  const set = (changes: Partial<ConnectionInfo>): void => {
    connection = { ...connection, ...changes }
    for (const listener of [...listeners]) listener()
  }

  return {
    connection: {
      get: () => connection,
      subscribe: (listener) => {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      },
    },
    inventory: createInventoryView(stock),
    ...createPendingParts(rest, () => connection.user),
    rest,
    start: () => {
      realtime.start()
      return Promise.resolve()
    },
    stop: () => {
      realtime.stop()
      return Promise.resolve()
    },
    wake: realtime.wake,
    now: Date.now,
  }
}
