import type { Assumptions } from './assumptions.js'

/** What the calculation needs of the measured costs. */
export interface CapacityCosts {
  /** CPU of PostgreSQL for a change and its COMMIT, without anybody who reads, s. */
  readonly commitSeconds: number
  /** CPU of PostgreSQL for one read of one node, s. */
  readonly readSeconds: number
  /** COMMIT from the lock of the head to the disk's answer, s: one after the other. */
  readonly headSeconds: number
  /** CPU of a node for an entry, whoever is connected, s. */
  readonly entrySeconds: number
  /** CPU of a node to bring one entry to one client, s. */
  readonly deliverySeconds: number
  /** CPU of a node in a second for one idle client, s. */
  readonly idleClientSeconds: number
  /** CPU of a node, and of PostgreSQL for it, in a second in which nothing happens, s. */
  readonly idleNodeSeconds: number
  readonly idlePostgresSeconds: number
  readonly clientBytes: number
  readonly nodeBytes: number
  readonly userBytes: number
  readonly deliveryBytes: number
  readonly digestSecondsPerItem: number
  readonly snapshotBytesPerItem: number
  readonly connectionsPerNode: number
}

/**
 * `one`: as it is, every tablet hears everything. `rooms`: one log, and a tablet hears its clinic. `each`: a log for each clinic, and a node
 * reads the clinics of its tablets.
 */
export type Logs = 'one' | 'rooms' | 'each'

export interface Demand {
  readonly connections: number
  readonly commitsPerSecond: number
  readonly deliveriesPerSecond: number
  readonly snapshotBytes: number
  /** Each as a share of what there is; above `busyShare` it gives. */
  readonly shares: Readonly<Record<Resource, number>>
}

export const RESOURCES = {
  node: "a node's core",
  network: "a node's network",
  memory: "a node's memory",
  postgres: "PostgreSQL's cores",
  head: 'the head of the log',
  sessions: "PostgreSQL's connections",
} as const
export type Resource = keyof typeof RESOURCES

/** What so many clinics ask of so many nodes. */
export const demandOf = (
  a: Assumptions,
  c: CapacityCosts,
  {
    clinics,
    nodes,
    logs,
  }: { readonly clinics: number; readonly nodes: number; readonly logs: Logs },
): Demand => {
  const tablets = clinics * a.tabletsPerClinic
  const commits = (clinics * a.movementsPerHour) / 3_600
  const entries = commits * a.entriesPerMovement
  const hearsAll = logs === 'one'
  const hearers = hearsAll ? tablets : a.tabletsPerClinic
  // A clinic's tablets are on one node: with a log each no other reads it, and no other asks for its digest.
  const readers = logs === 'each' ? 1 : nodes
  const items = clinics * a.itemsPerClinic
  const digests = hearsAll ? nodes : 1
  const perNode = tablets / nodes
  const deliveries = entries * hearers
  const entriesOfNode = logs === 'each' ? entries / nodes : entries
  const known = Math.min(50_000, clinics * a.usersPerClinic)
  return {
    connections: tablets,
    commitsPerSecond: commits,
    deliveriesPerSecond: deliveries,
    snapshotBytes: (hearsAll ? items : a.itemsPerClinic) * c.snapshotBytesPerItem,
    shares: {
      node:
        (c.idleNodeSeconds +
          entriesOfNode * c.entrySeconds +
          (deliveries / nodes) * c.deliverySeconds +
          perNode * c.idleClientSeconds) /
        a.nodeCores,
      network: ((deliveries / nodes) * c.deliveryBytes * 8) / (a.nodeMbitPerSecond * 1e6),
      memory:
        (c.nodeBytes + perNode * c.clientBytes + known * c.userBytes) / (a.nodeMemoryGb * 1e9),
      postgres:
        (commits * (c.commitSeconds + readers * c.readSeconds) +
          nodes * c.idlePostgresSeconds +
          (digests * items * c.digestSecondsPerItem) / a.digestSeconds) /
        a.postgresCores,
      head: (commits * c.headSeconds) / (logs === 'each' ? Math.max(1, clinics) : 1),
      sessions: (nodes * c.connectionsPerNode) / a.postgresConnections,
    },
  }
}

/** The resource that is used most, and how many clinics there may be until it is at `busyShare`; 0 where the nodes alone use more. */
export const capacityOf = (
  assumptions: Assumptions,
  costs: CapacityCosts,
  nodes: number,
  logs: Logs,
): { readonly clinics: number; readonly first: Resource } => {
  const most = (clinics: number): { readonly share: number; readonly first: Resource } => {
    const { shares } = demandOf(assumptions, costs, { clinics, nodes, logs })
    const names = Object.keys(shares) as Resource[]
    const first = names.reduce((a, b) => (shares[b] > shares[a] ? b : a))
    return { share: shares[first], first }
  }
  let [low, high] = [0, 1]
  if (most(0).share > assumptions.busyShare) return { clinics: 0, first: most(0).first }
  while (most(high).share <= assumptions.busyShare && high < 1e9) high *= 2
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (most(middle).share <= assumptions.busyShare) low = middle
    else high = middle
  }
  return { clinics: low, first: most(high).first }
}
