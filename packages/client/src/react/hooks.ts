import type { Alert, Item } from '@uzima/contracts'
import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useSyncExternalStore,
  type Context,
  type ReactElement,
  type ReactNode,
} from 'react'
import type { ConnectionInfo, StockQuery, UzimaClient } from '../uzima-client-types.js'
import type { AlertsQuery } from '../alerts-view.js'
import type { QueuedWrite } from '../writes/types.js'

const UzimaContext: Context<UzimaClient | null> = createContext<UzimaClient | null>(null)

export interface UzimaProviderProps {
  readonly client: UzimaClient
  readonly children?: ReactNode
}

/** Gives `client` to the hooks below it. Starting and stopping the client is the caller's. */
export const UzimaProvider = ({ client, children }: UzimaProviderProps): ReactElement =>
  createElement(UzimaContext.Provider, { value: client }, children)

/** Gives the client; only below `UzimaProvider`. */
export const useUzima = (): UzimaClient => {
  const client = useContext(UzimaContext)
  if (client === null) throw new TypeError('useUzima needs a UzimaProvider above it')
  return client
}

/** Draws again when the connection, its user or its "as of" changes. */
export const useConnection = (): ConnectionInfo => {
  const { connection } = useUzima()
  return useSyncExternalStore(connection.subscribe, connection.get, connection.get)
}

/** Draws again when this item changes; undefined where there is none. */
export const useItem = (sku: string): Item | undefined => {
  const { inventory } = useUzima()
  const subscribe = useCallback(
    (listener: () => void) => inventory.subscribe({ sku }, listener),
    [inventory, sku],
  )
  const read = (): Item | undefined => inventory.get(sku)
  return useSyncExternalStore(subscribe, read, read)
}

/** Draws again when an item of the query changes, comes or goes. The query may be a new object each time. */
export const useStock = (query?: StockQuery): readonly Item[] => {
  const { inventory } = useUzima()
  const { search, category, low, expired, expiringWithinDays, sort } = query ?? {}
  const subscribe = useCallback(
    (listener: () => void) =>
      inventory.subscribe(
        withoutUndefined({ search, category, low, expired, expiringWithinDays, sort }),
        listener,
      ),
    [inventory, search, category, low, expired, expiringWithinDays, sort],
  )
  const read = (): readonly Item[] => inventory.list(query)
  return useSyncExternalStore(subscribe, read, read)
}

/** Draws again when an alert changes. */
export const useAlerts = (query?: AlertsQuery): readonly Alert[] => {
  const { alerts } = useUzima()
  const read = (): readonly Alert[] => alerts.list(query)
  return useSyncExternalStore(alerts.subscribe, read, read)
}

/** Draws again when a movement of the person logged in changes its state. */
export const useWrites = (): readonly QueuedWrite[] => {
  const { writes } = useUzima()
  return useSyncExternalStore(writes.subscribe, writes.list, writes.list)
}

const withoutUndefined = (query: Readonly<Record<keyof StockQuery, unknown>>): StockQuery =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
