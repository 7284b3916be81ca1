import { roleAllows, ROLES, type Role } from '@uzima/contracts'
import type { Alerts } from '../inventory/alerts.js'
import { readDigest } from '../inventory/digest.js'
import { audiencesOf } from '../log/audience.js'
import type { LogEntry } from '../log/entry.js'
import type { TailListener } from '../log/tail.js'
import { takeSeenAlerts } from '../realtime/alert-seen.js'
import { createAttemptLog } from '../realtime/attempt-log.js'
import { queuedBytes } from '../realtime/connection.js'
import { createDelivery } from '../realtime/delivery.js'
import { createDeliveryRecord, type DeliveryRecord } from '../realtime/delivery-record.js'
import { createFanOut } from '../realtime/fan-out.js'
import { createSending } from '../realtime/frames.js'
import { createHub, type Hub } from '../realtime/hub.js'
import type { HubObserver } from '../realtime/hub-deps.js'
import { describeRedis } from '../realtime/redis-trouble.js'
import { startFromLog } from '../realtime/resume.js'
import { roleRoom } from '../realtime/rooms.js'
import type { Session } from '../realtime/session.js'
import {
  createStockDigest,
  type StockDigest,
  type StockDigestDeps,
} from '../realtime/stock-digest.js'
import type { Database } from '../storage/database.js'
import type { AuthLayer } from './auth.js'
import type { Base } from './base.js'
import type { JourneyLayer } from './journeys.js'
import type { LogLayer } from './log.js'
import type { RecordLayer } from './record.js'
import type { Service } from './service.js'

/** Builds the sockets and has the log drive them. They serve nobody before they are attached to a server. */
export const startRealtime = (
  base: Base,
  layers: {
    readonly database: Database
    readonly log: LogLayer
    readonly auth: AuthLayer
    readonly record: RecordLayer
    readonly alerts: Pick<Alerts, 'see'>
    readonly journeys: JourneyLayer
    /** Left out where there is one node. */
    readonly service: Service | undefined
  },
): Hub => {
  const { tail, eventLog } = layers.log
  const { admission, failures, clientAddress } = layers.auth
  const { connectionLog, deliveries, acks, heartbeat } = layers.record
  const { service } = layers
  const { config, metrics, releases } = base
  const mayKnowStock = (role: Role): boolean =>
    roleAllows(role, 'stock:read') && audiencesOf([role], config).includes('stock')
  const digest = followDigest(base, layers, {
    mayKnow: (roles) => roles.some(mayKnowStock),
    send: (told) => {
      hub.io.local.to(ROLES.filter(mayKnowStock).map(roleRoom)).emit('inventory:digest', told)
    },
  })
  const record = recordDeliveries(base, layers, () => hub.sessions.all())
  const sending = createSending({ feeds: config, directWrites: config.directWrites })
  const hub = createHub({
    nodeName: config.nodeName,
    admission,
    clientAddress,
    attempts: createAttemptLog({
      sink: {
        canAdmit: connectionLog.canAdmit,
        record: (attempt) => {
          metrics.attempted(attempt.outcome, attempt.code)
          connectionLog.record(attempt)
        },
      },
      failures,
      clientAddress,
      now: tail.now,
    }),
    now: tail.now,
    observer: observe(base),
    starter: startFromLog({
      tail,
      eventLog,
      sending,
      observer: {
        replayed: (events) => {
          metrics.replayed.inc(events)
        },
        reset: (reason) => {
          metrics.resets.inc({ reason })
        },
        ...record,
      },
    }),
    features: [
      { onLive: digest.greet, handlers: { 'inventory:diverged': digest.diverged } },
      takeSeenAlerts(layers.alerts.see),
      record.feature,
    ],
    knowledge: { ageMs: tail.confirmedAgeMs, freshness: tail.freshness, confirm: tail.confirm },
    redis:
      config.redisUrl === undefined || service === undefined
        ? undefined
        : { url: config.redisUrl, service: service.name() },
    allowedOrigins: config.clientUrls,
    transports: config.transports,
    allowQueryToken: config.allowQueryToken,
    keepsRequests: false,
    leanConnections: config.directWrites,
    limits: config,
    authCloseAfterMs: config.authCloseAfterMs,
  })
  releases.add('hub', () => hub.close())
  service?.onRename(hub.moveTo)

  const delivery = createDelivery({
    sessions: hub.sessions,
    fanOut: createFanOut({
      io: hub.io,
      sessions: hub.sessions,
      sending,
      cutSlow: hub.cutSlow,
    }),
    digest,
    acknowledge: (ack) => {
      metrics.revocation.observe(ack.appliedAfterMs / 1_000)
      acks.acknowledge(ack)
    },
    onDelivered: (entry, afterMs) => {
      metrics.commitToDelivery.observe(afterMs / 1_000)
      if (entry.name === 'inventory:update') metrics.movements.inc({ type: entry.payload.type })
    },
    now: tail.now,
  })
  const { journeys } = layers
  releases.add('begin of journeys', tail.subscribe(listening(journeys.begins)))
  releases.add('delivery', tail.subscribe(delivery))
  releases.add('what was handed over', tail.subscribe(record.listener))
  deliveries.follow(record)
  const written = (entries: readonly LogEntry[]): void => {
    journeys.written(entries, hub.sessions.size())
  }
  releases.add('end of journeys', tail.subscribe(listening(written)))

  heartbeat.onGivenUp((socketIds) => {
    for (const id of socketIds) hub.sessions.bySocketId(id)?.close('AUTH_STALE')
  })
  metrics.beforeScrape(() => {
    metrics.sawSockets(
      [...hub.sessions.all()].map((session) => ({
        role: session.viewer().role,
        transport: session.socket.conn.transport.name,
        queuedBytes: queuedBytes(session.socket.conn),
      })),
    )
  })
  return hub
}

/** Remembers what was written to whom, and what was applied; counts how long that took. */
const recordDeliveries = (
  { metrics }: Base,
  { log: { tail }, journeys }: { readonly log: LogLayer; readonly journeys: JourneyLayer },
  sessions: () => Iterable<Session>,
): DeliveryRecord =>
  createDeliveryRecord({
    tail,
    sessions,
    onApplied: ({ connectedAt }, seq) => {
      journeys.applied(seq)
      const entry = tail.recentAfter(seq - 1, 1)?.[0]
      // What somebody catches up with took as long as he was away.
      if (entry === undefined || entry.at < connectedAt) return
      metrics.commitToApplied.observe(Math.max(tail.now() - entry.at.getTime(), 0) / 1_000)
    },
    onDropped: () => {
      metrics.deliveriesDropped.inc()
    },
  })

/** What was skipped was not delivered. */
const listening = (onEntries: TailListener['onEntries']): TailListener => ({
  onEntries,
  onReset: () => undefined,
})

/** Asks the database for the digest of the stock, and says where a client has another one. */
const followDigest = (
  { config, logger, metrics, releases }: Base,
  { database, log: { tail } }: { readonly database: Database; readonly log: LogLayer },
  to: Pick<StockDigestDeps, 'mayKnow' | 'send'>,
): StockDigest => {
  const digest = createStockDigest({
    ...to,
    read: () => readDigest(database),
    everyMs: config.digestEveryMs,
    seq: () => tail.position().seq,
    isFresh: () => tail.freshness() === 'fresh',
    onDiverged: (divergence) => {
      metrics.divergences.inc()
      logger.warn(
        divergence,
        'The view of a client is not what the database says; it reads it anew',
      )
    },
    onError: (error) => {
      logger.warn({ err: error }, 'The digest of the stock could not be read; it is tried again')
    },
  })
  releases.add('digest', digest.stop)
  return digest
}

const observe = ({ logger, metrics }: Base): HubObserver => ({
  redisState: (redis) => {
    if (redis.state === 'up') logger.info(describeRedis(redis))
    else logger.warn({ redis }, describeRedis(redis))
  },
  dropped: (direction, error) => {
    metrics.adhocDropped.inc({ direction })
    if (direction === 'in')
      logger.warn({ err: error }, 'A message of another node was not understood')
  },
  failed: (what, error) => {
    logger.error({ err: error }, `Failed: ${what}`)
  },
})
