export { formulary, type FormularyItem } from './formulary.js'
export { buildLots, type DemoLot, type LotOptions } from './lots.js'
export {
  seedDemoData,
  type DemoDatabase,
  type DemoSeedOptions,
  type DemoTransaction,
} from './seed.js'
export type { DemoCredential, DemoUser } from './users.js'
