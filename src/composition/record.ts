import { createConnectionLog, type ConnectionLog } from '../audit/connection-log.js'
import { keepRules } from '../audit/deliveries.js'
import { createDeliveryWriter, type DeliveryWriter } from '../audit/delivery-writer.js'
import { startHeartbeat, type Heartbeat } from '../audit/heartbeat.js'
import { createNodeRegistry } from '../audit/node-registry.js'
import { createRevocationAcks, type RevocationAcks } from '../audit/revocation-acks.js'
import type { Database } from '../storage/database.js'
import type { Base } from './base.js'

/** What an auditor reads later: attempts to connect, what was written to whom, acknowledged revocations, which nodes lived. */
export interface RecordLayer {
  readonly connectionLog: ConnectionLog
  readonly deliveries: DeliveryWriter
  readonly acks: RevocationAcks
  readonly heartbeat: Heartbeat
}

/** Enters this run of the node and opens its records; they end in the opposite order, the run last. */
export const openRecord = async (base: Base, database: Database): Promise<RecordLayer> => {
  const { config, logger, node, releases } = base
  const heartbeat = await startHeartbeat({
    registry: createNodeRegistry({
      database,
      node,
      deadAfterMs: config.authCloseAfterMs + SURELY_CLOSED_MS,
    }),
    logger,
  })
  releases.add('heartbeat', () => heartbeat.stop())
  await keepRules(database, node, {
    inventoryUpdateRoles: config.inventoryUpdateRoles,
    lowStockRoles: config.lowStockRoles,
    alertEscalateTo: config.alertEscalateTo,
  })

  const connectionLog = createConnectionLog({ database, node, logger })
  releases.add('connection log', () => connectionLog.close())

  const deliveries = createDeliveryWriter({ database, node, logger })
  releases.add('record of deliveries', () => deliveries.close())

  const acks = createRevocationAcks({
    database,
    node,
    onError: (error) => {
      logger.warn({ err: error }, 'Acknowledgements of revocations could not be written')
    },
  })
  releases.add('acknowledgements', () => acks.close())
  return { connectionLog, deliveries, acks, heartbeat }
}

/**
 * For three heartbeats and a turn of a busy loop. A node that hears nothing closes its own sockets at
 * `AUTH_CLOSE_AFTER_MS`; before, to write them down as closed would be untrue, and when it is back they are still its own.
 */
const SURELY_CLOSED_MS = 10_000
