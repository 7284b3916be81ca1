export { AppError } from './errors/app-error.js'
export { createRealtime } from './services/standalone.js'
export type { RealtimeUser, VerifiedToken } from './services/standalone.js'
export type { Presence, Publisher } from './ports/realtime.js'
export * from './services/realtime.service.js'
export * from './utils/websocketUtils.js'
export {
  createInventoryWsController,
  inventoryWsController,
} from './controllers/inventoryWsController.js'
