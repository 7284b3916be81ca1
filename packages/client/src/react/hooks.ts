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

const useValue = <T>(subscribe: (listener: () => void) => () => void, read: () => T): T =>
  useSyncExternalStore(subscribe, read, read)

/** Draws again when the connection, its user or its "as of" changes. */
export const useConnection = (): ConnectionInfo => {
  const { connection } = useUzima()
  return useValue(connection.subscribe, connection.get)
}

/** Draws again when this item changes; undefined where there is none. */
export const useItem = (sku: string): Item | undefined => {
  const { inventory } = useUzima()
  const subscribe = useCallback(
    (listener: () => void) => inventory.subscribe({ sku }, listener),
    [inventory, sku],
  )
  return useValue(subscribe, () => inventory.get(sku))
}

/** Draws again when an item of the query changes, comes or goes. The query may be a new object each time. */
export const useStock = (query?: StockQuery): readonly Item[] => {
  const { inventory } = useUzima()
  const key = JSON.stringify(query ?? {})
  const subscribe = useCallback(
    // What was a query before is one again.
    (listener: () => void) => inventory.subscribe(JSON.parse(key) as StockQuery, listener),
    [inventory, key],
  )
  return useValue(subscribe, () => inventory.list(query))
}

/** Draws again when an alert changes. */
export const useAlerts = (query?: AlertsQuery): readonly Alert[] => {
  const { alerts } = useUzima()
  return useValue(alerts.subscribe, () => alerts.list(query))
}

/** Draws again when a movement of the person logged in changes its state. */
export const useWrites = (): readonly QueuedWrite[] => {
  const { writes } = useUzima()
  return useValue(writes.subscribe, writes.list)
}
