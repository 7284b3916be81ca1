export {
  UzimaProvider,
  useAlerts,
  useConnection,
  useItem,
  useStock,
  useUzima,
  useWrites,
  type UzimaProviderProps,
} from './hooks.js'
