// What the service takes and tells: `Item`, `Role`, `InventoryUpdate` and so on.
export type * from '@uzima/contracts'
export type { ConnectedUser } from './connected-user.js'
export {
  createAlertsView,
  NO_ALERTS,
  reduceAlerts,
  type AlertsFeed,
  type AlertsQuery,
  type AlertsSnapshot,
  type AlertsState,
  type AlertsView,
  type AlertsViewOptions,
  type KeptAlerts,
} from './alerts-view.js'
export {
  phaseOf,
  STOPPED,
  transition,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionPhase,
  type ConnectionState,
  type Transition,
} from './connection-state.js'
export {
  createDigestCheck,
  digestOf,
  type DigestCheck,
  type DigestCheckOptions,
  type DigestedItem,
} from './digest.js'
export {
  RealtimeError,
  type ClientErrorCode,
  type RealtimeErrorCode,
  type RealtimeErrorOptions,
} from './errors.js'
export {
  createInventoryView,
  type InventoryOptions,
  type LiveInventory,
} from './inventory/inventory-view.js'
export type { Snapshot, StockEvent } from './ordered-delivery.js'
export { createRealtimeClient } from './realtime-client.js'
export type {
  ConnectionStatus,
  GetToken,
  RealtimeClient,
  RealtimeClientOptions,
  TokenRequest,
} from './realtime-options.js'
export {
  createRestClient,
  type RestClient,
  type RestClientOptions,
  type StockSnapshot,
} from './rest-client.js'
export { type WriteOptions } from './rest-requests.js'
export {
  createSessionTokens,
  type RefreshTokenStorage,
  type SessionTokens,
  type SessionTokensOptions,
} from './session-tokens.js'
export type { Transport } from './socket-link.js'
export type { KeptStock, SaveResult, StockSave, StockStore } from './store/stock-store.js'
export { indexedDbStore, memoryStore, type UzimaStore } from './store/uzima-store.js'
export { randomUuid } from './uuid.js'
export { createUzimaClient } from './uzima-client.js'
export type { Observable } from './observable.js'
export type {
  ConnectionInfo,
  InventoryView,
  StockQuery,
  StockTarget,
  UzimaClient,
  UzimaClientOptions,
} from './uzima-client-types.js'
export {
  createDatabase,
  requested,
  type DatabaseOptions,
  type UzimaDatabase,
} from './store/indexed-db.js'
export { indexedDbWriteStore } from './writes/indexed-db-store.js'
export { memoryWriteStore } from './writes/memory-store.js'
export { createSendWrite, type SendWriteOptions } from './writes/send-write.js'
export type {
  Movement,
  MovementChanges,
  PendingEffect,
  QueuedWrite,
  Refusal,
  SendWrite,
  StoredWrite,
  WatchedStock,
  WriteQueue,
  WriteQueueControl,
  WriteQueueOptions,
  WriteState,
  WriteStore,
} from './writes/types.js'
export { createWriteQueue } from './writes/write-queue.js'
