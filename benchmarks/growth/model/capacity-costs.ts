import type { CapacityCosts } from './capacity.js'
import { CALM, type Costs } from './costs.js'

/** Resident memory of a node that has nobody: what docs/memory.md and the figures begin above. */
const EMPTY_NODE_BYTES = 150e6

/** The costs of the calculation: slopes of the laws, at a load at which nobody waits. */
export const capacityCostsFrom = (costs: Costs): CapacityCosts => {
  const event = costs.law('clients', 'eventMs')
  const postgres = costs.law('nodes', `postgresMs@${String(CALM)}`)
  const { calm } = costs.raw('rates') as { readonly calm: readonly number[] }
  const most = Math.max(...costs.sizes('items', 'digestCpuMs'))
  return {
    commitSeconds: Math.max(0, postgres.a) / 1e3,
    readSeconds: Math.max(0, postgres.b) / 1e3,
    headSeconds: calm.reduce((sum, ms) => sum + ms, 0) / calm.length / 1e3,
    entrySeconds: Math.max(0, event.a) / 1e3,
    deliverySeconds: event.b / 1e3,
    idleClientSeconds: Math.max(0, costs.law('clients', 'idleMs').b) / 1e3,
    idleNodeSeconds: costs.at('nodes', 'idleNodeMs', 1) / 1e3,
    idlePostgresSeconds: Math.max(0, costs.law('nodes', 'idlePostgresMs').b) / 1e3,
    clientBytes: (costs.at('clients', 'memoryKb', 10_000) * 1e3) / 10_000,
    nodeBytes: EMPTY_NODE_BYTES,
    userBytes: (costs.at('users', 'directoryKb', 10_000) * 1e3) / 10_000,
    deliveryBytes: costs.law('clients', 'bytes').at(1_000),
    digestSecondsPerItem: costs.at('items', 'digestCpuMs', most) / most / 1e3,
    snapshotBytesPerItem: costs.at('items', 'snapshotBytes', most) / most,
    connectionsPerNode: costs.law('nodes', 'sessions').b,
  }
}
