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
export { RealtimeError, type RealtimeErrorCode, type RealtimeErrorOptions } from './errors.js'
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
  type WriteOptions,
} from './rest-client.js'
export {
  createSessionTokens,
  type RefreshTokenStorage,
  type SessionTokens,
  type SessionTokensOptions,
} from './session-tokens.js'
export type { Transport } from './socket-link.js'
export {
  createStockView,
  EMPTY_STOCK,
  reduceStock,
  type StockAction,
  type StockState,
  type StockView,
  type StockViewOptions,
} from './stock-view.js'
export { randomUuid } from './uuid.js'
