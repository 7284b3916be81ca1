export { AppError } from './errors/app-error.js'
export { createRealtime } from './realtime/standalone.js'
export type { RealtimeUser, VerifiedToken } from './realtime/standalone.js'
export type { Publisher } from './realtime/publisher.js'
export type { Presence } from './realtime/presence.js'
export * from './services/realtime.service.js'
export * from './utils/websocketUtils.js'
export {
  createInventoryWsController,
  inventoryWsController,
} from './controllers/inventoryWsController.js'
