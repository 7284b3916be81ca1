import { randomUUID } from 'node:crypto'
import type { NodeRun } from '../audit/chain.js'
import type { Config } from '../config/schema.js'
import { createLogger, type LogDestination, type Logger } from '../observability/logger.js'
import { createMetrics, type Metrics } from '../observability/metrics.js'
import type { Releases } from './releases.js'

/** What every layer is handed. */
export interface Base {
  readonly config: Config
  readonly logger: Logger
  readonly metrics: Metrics
  /** This run of this node. */
  readonly node: NodeRun
  readonly releases: Releases
}

export const createBase = (config: Config, releases: Releases, logTo?: LogDestination): Base => ({
  config,
  logger: createLogger({
    level: config.logLevel,
    name: config.nodeName,
    ...(logTo === undefined ? {} : { destination: logTo }),
  }),
  metrics: createMetrics(),
  node: { id: randomUUID(), name: config.nodeName },
  releases,
})
