import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createConnectionLog } from './audit/connection-log.js'
import { listAttempts } from './audit/attempts.js'
import { createRevocationAcks } from './audit/revocation-acks.js'
import { getRevocation, listRevocations } from './audit/revocations.js'
import { startHeartbeat } from './audit/heartbeat.js'
import { createNodeRegistry } from './audit/node-registry.js'
import { createAccessTokens } from './auth/access-token.js'
import { createAdmission } from './auth/admission.js'
import { createAuthFailures } from './auth/failure-limit.js'
import { createKeys } from './auth/keys.js'
import { createLogin } from './auth/login.js'
import { createPasswords } from './auth/passwords.js'
import { createUserDirectory } from './auth/user-directory.js'
import type { Config } from './config/schema.js'
import { createHealth } from './health.js'
import { createHttpApi } from './http/server.js'
import { createInventory } from './inventory/inventory.js'
import { createEventLog } from './log/event-log.js'
import { createTail } from './log/tail.js'
import { startMaintenance } from './maintenance.js'
import { createClientAddress } from './middleware/client-address.js'
import { createLogger } from './observability/logger.js'
import { createMetrics } from './observability/metrics.js'
import { createAttemptLog } from './realtime/attempt-log.js'
import { createHub } from './realtime/hub.js'
import { observeHub } from './realtime/observe.js'
import { prepareData, type Credential } from './prepare-data.js'
import { createReleases } from './releases.js'
import { bindRealtime } from './services/realtime.service.js'
import type { Database } from './storage/database.js'
import { migrate } from './storage/migrate.js'
import { openDatabase } from './storage/open.js'
import { createFindUser, createFindUsers } from './users/find-user.js'
import { createUsers } from './users/users.js'

/** The whole service, listening. */
export interface App {
  /** Where it answers, with the port that it got. */
  readonly url: string
  /** Accounts made at this start, with their passwords; to be shown once and kept nowhere. */
  readonly credentials: readonly Credential[]
  /** An administrator, for the command line to act as; undefined where there is none. */
  readonly adminId: string | undefined
  /** Stops in the order in which a client notices least: no new sockets, sessions end retryably, requests finish. */
  readonly close: () => Promise<void>
}

export interface AppOptions {
  /** Told when the process should end, because only a new one can heal it. */
  readonly onFatal: (error: Error) => void
  /** An open store to use instead of the configured one; it is closed with the app. */
  readonly database?: Database
  /** Makes `sendToAll` and the like of services/realtime.service talk to this app. Default true. */
  readonly bind?: boolean
}

/** Starts the service. What was started before a failing step is stopped again, and the failure is thrown. */
export const createApp = async (config: Config, options: AppOptions): Promise<App> => {
  const releases = createReleases()
  try {
    return await start(config, options, releases)
  } catch (error) {
    await releases.run()
    throw error
  }
}

const start = async (
  config: Config,
  options: AppOptions,
  releases: ReturnType<typeof createReleases>,
): Promise<App> => {
  const logger = createLogger({ level: config.logLevel, name: config.nodeName })
  const metrics = createMetrics()
  const keys = await createKeys(config)

  const database =
    options.database ??
    (await openDatabase(config, {
      onError: (error) => {
        logger.warn({ err: error }, 'A database connection failed')
      },
      onHung: options.onFatal,
    }))
  releases.add('database', () => database.close())
  await migrate(database)
  const passwords = createPasswords()
  const prepared = await prepareData(database, config, passwords)

  const eventLog = createEventLog(database)
  const tail = createTail({
    database,
    eventLog,
    staleAfterMs: config.authStaleAfterMs,
    onError: (error) => {
      logger.warn({ err: error }, 'The log could not be read')
    },
  })
  await tail.start()
  releases.add('tail', () => tail.stop())

  const accessTokens = createAccessTokens({
    keys,
    issuer: config.jwtIssuer,
    audience: config.jwtAudience,
    ttlMs: config.accessTokenTtlMs,
    now: tail.now,
  })
  const directory = createUserDirectory({
    findUsers: createFindUsers(database),
    isFresh: () => tail.confirmedAgeMs() < config.authStaleAfterMs,
  })
  releases.add('directory', tail.subscribe(directory))
  const { verifyAccessToken } = accessTokens
  const admission = createAdmission({ verifyAccessToken, directory })
  const authFailures = createAuthFailures({ perMinute: config.authFailuresPerMinute })
  const clientAddress = createClientAddress(config.trustProxy)

  const node = { id: randomUUID(), name: config.nodeName }
  const connectionLog = createConnectionLog({ database, node, logger })
  const acks = createRevocationAcks({
    database,
    node,
    onError: (error) => {
      logger.warn({ err: error }, 'Acknowledgements of revocations could not be written')
    },
  })
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
      failures: authFailures,
      clientAddress,
      now: tail.now,
    }),
    now: tail.now,
    observer: observeHub({ logger, metrics, acks, now: tail.now }),
    log: { tail, eventLog },
    redisUrl: config.redisUrl,
    allowedOrigins: config.clientUrls,
    transports: config.transports,
    allowQueryToken: config.allowQueryToken,
    feeds: config,
    directWrites: config.directWrites,
    limits: config,
  })
  const heartbeat = await startHeartbeat({
    registry: createNodeRegistry({ database, node }),
    logger,
    onGivenUp: () => {
      for (const session of [...hub.sessions.all()]) session.close('AUTH_STALE')
    },
  })

  const api = await createHttpApi({
    config,
    logger,
    metrics,
    login: createLogin({
      database,
      passwords,
      accessTokens,
      refreshTokenTtlMs: config.refreshTokenTtlMs,
    }),
    users: createUsers({ database, passwords }),
    inventory: createInventory(database),
    eventLog,
    publisher: hub.publisher,
    presence: hub.presence,
    listAttempts: (query) => listAttempts(database, query),
    revocations: {
      get: (seq) => getRevocation(database, seq),
      list: (query) => listRevocations(database, query),
    },
    admission,
    authFailures,
    findUser: createFindUser(database),
    health: createHealth({ tail, hub, config, database }),
  })
  hub.attach(api.server)
  metrics.beforeScrape(() => {
    metrics.logPositionSeq.set(tail.position().seq)
    metrics.logConfirmedAge.set(tail.confirmedAgeMs() / 1_000)
    metrics.connections.reset()
    for (const { socket } of hub.sessions.all()) {
      metrics.connections.inc({ transport: socket.conn.transport.name })
    }
  })

  // In this order at the end, the last added first: sockets, requests, jobs, what is still to be logged, the node's own row.
  releases.add('heartbeat', () => heartbeat.stop())
  releases.add('connection log', () => connectionLog.close())
  releases.add('acknowledgements', () => acks.close())
  releases.add('maintenance', startMaintenance({ database, config, logger }))
  releases.add('http', () => api.close())
  releases.add('hub', () => hub.close(DRAIN))
  if (options.bind ?? true) releases.add('façade', bindRealtime(hub))

  await api.listen({ host: config.host, port: config.port })
  // First of all: whoever comes now finds a closed door and goes to the next node, instead of being turned away here.
  releases.add('listener', async () => {
    // Node takes in all that wait at the door before it calls this: closing the door resets those who still stand there.
    await new Promise(setImmediate)
    api.server.close()
  })
  const url = addressOf(api.server.address(), config.host)
  logger.info({ url, store: database.kind, cluster: config.redisUrl !== undefined }, 'Listening')
  return { url, ...prepared, close: () => releases.run() }
}

const DRAIN = { spreadMs: 2_000, handshakesWithinMs: 1_000 } as const

const addressOf = (address: string | AddressInfo | null, host: string): string => {
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port.toString()}`
}
