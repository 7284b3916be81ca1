import type { ErrorCode } from '@uzima/contracts'
import type { FastifyInstance } from 'fastify'
import { listAttempts } from '../audit/attempts.js'
import { getRevocation, listRevocations } from '../audit/revocations.js'
import { createGuessLimit } from '../auth/guess-limit.js'
import { createLogin } from '../auth/login.js'
import { networkOf } from '../auth/network.js'
import type { Passwords } from '../auth/passwords.js'
import { explainEntry } from '../explain/answer.js'
import { seenDocument, viewersDocument } from '../explain/document.js'
import { alertRoutes } from '../http/routes/alerts.js'
import { authRoutes } from '../http/routes/auth.js'
import { checkpointRoutes, type Checkpoints } from '../http/routes/checkpoints.js'
import { breakGlassRoutes } from '../http/routes/break-glass.js'
import { connectionAttemptRoutes } from '../http/routes/connection-attempts.js'
import { connectionRoutes } from '../http/routes/connections.js'
import { dashboardRoutes } from '../http/routes/dashboard.js'
import { docsRoutes } from '../http/routes/docs.js'
import { erasureRoutes } from '../http/routes/erasures.js'
import { eventRoutes } from '../http/routes/events.js'
import { explainRoutes } from '../http/routes/explain.js'
import { grantRoutes } from '../http/routes/grants.js'
import { healthRoutes } from '../http/routes/health.js'
import { inventoryRoutes } from '../http/routes/inventory.js'
import { messageRoutes } from '../http/routes/messages.js'
import { metricsRoutes } from '../http/routes/metrics.js'
import { movementRoutes } from '../http/routes/movements.js'
import { revocationRoutes } from '../http/routes/revocations.js'
import { systemRoutes } from '../http/routes/system.js'
import { userRoutes } from '../http/routes/users.js'
import { createLoginShares, createRequestShares } from '../http/request-shares.js'
import { createHttpApi } from '../http/server.js'
import type { Alerts } from '../inventory/alerts.js'
import { createInventory } from '../inventory/inventory.js'
import { asAppError } from '../http/thrown.js'
import type { AuthVia } from '../observability/socket-metrics.js'
import type { Hub } from '../realtime/hub.js'
import type { Database } from '../storage/database.js'
import { createFindUser } from '../users/find-user.js'
import { createGrants } from '../users/grants.js'
import { createErasures } from '../users/erasures.js'
import { createUsers } from '../users/users.js'
import type { AuthLayer } from './auth.js'
import type { Base } from './base.js'
import { openBreakGlass } from './break-glass.js'
import { createHealth } from './health.js'
import type { JourneyLayer } from './journeys.js'
import type { LogLayer } from './log.js'
import { measureSystem } from './system.js'

/** Builds REST, documents, health, metrics and the page, and puts the sockets on the same server. */
export const createHttp = async (
  base: Base,
  layers: {
    readonly database: Database
    readonly passwords: Passwords
    readonly log: LogLayer
    readonly auth: AuthLayer
    readonly hub: Hub
    readonly alerts: Alerts
    readonly journeys: JourneyLayer
    readonly checkpoints: Checkpoints
  },
): Promise<FastifyInstance> => {
  const { database, passwords, hub } = layers
  const { tail, guard, eventLog } = layers.log
  const { accessTokens, admission, failures, clientAddress } = layers.auth
  const { config, logger, metrics, releases } = base
  const { refreshTokenTtlMs, refreshGraceMs } = config
  const shares = createRequestShares(config.maxRequestsPerUser)
  const logins = createLoginShares()
  const guesses = createGuessLimit({ perMinute: config.authFailuresPerMinute })
  const login = createLogin({
    database,
    passwords,
    accessTokens,
    refreshTokenTtlMs,
    refreshGraceMs,
    guesses,
  })
  const users = createUsers({ database, passwords })
  const inventory = createInventory(database)
  const health = createHealth({ tail, guard, hub, config, database })
  const findUser = createFindUser(database)
  measureSystem(base, { tail, hub, health })
  const counted = async <T>(via: AuthVia, work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work()
      metrics.authenticated(via, null)
      return result
    } catch (error) {
      metrics.authenticated(via, codeOf(error))
      throw error
    }
  }

  const api = await createHttpApi({
    config,
    logger,
    metrics,
    trail: layers.journeys,
    auth: {
      admission,
      authFailures: failures,
      addressOf: clientAddress,
      onVerdict: (refusal) => {
        metrics.authenticated('request', codeOf(refusal))
      },
    },
    shares,
    api: [
      authRoutes({
        login: {
          ...login,
          // By place, not by account: strangers elsewhere must not make its owner wait.
          login: (credentials) =>
            counted('login', () =>
              logins.run(networkOf(credentials.address), () => login.login(credentials)),
            ),
          refresh: (...asked) => counted('refresh', () => login.refresh(...asked)),
        },
        users,
        authFailures: failures,
        addressOf: clientAddress,
      }),
      userRoutes(users),
      grantRoutes(createGrants(database)),
      erasureRoutes(createErasures(database)),
      breakGlassRoutes(openBreakGlass(base, database, tail)),
      inventoryRoutes(inventory),
      movementRoutes(inventory),
      alertRoutes(layers.alerts),
      eventRoutes({ eventLog, findUser, feeds: config }),
      messageRoutes(hub.publisher),
      connectionRoutes(hub.presence),
      connectionAttemptRoutes((query) => listAttempts(database, query)),
      revocationRoutes({
        get: (seq) => getRevocation(database, seq),
        list: (query) => listRevocations(database, query),
      }),
      checkpointRoutes(layers.checkpoints),
      explainRoutes({
        explain: (query) => explainEntry(database, query),
        seen: (query) => seenDocument(database, query),
        viewers: (query) => viewersDocument(database, query),
      }),
      systemRoutes(hub.presence),
    ],
    root: [
      healthRoutes(health, logger),
      metricsRoutes({ metrics, metricsToken: config.metricsToken }),
      docsRoutes,
      dashboardRoutes(),
    ],
  })
  metrics.beforeScrape(async () => {
    const { ready, database, redis } = await health.report()
    metrics.sawNode({
      ready,
      redis,
      databaseUp: database.state === 'up',
      databaseWritable: database.writable !== false,
    })
    metrics.shares.waiting.reset()
    metrics.shares.refused.reset()
    for (const [work, { count }] of Object.entries({ ...shares, logins })) {
      const { waiting, refused } = count()
      metrics.shares.waiting.set({ work }, waiting)
      metrics.shares.refused.inc({ work }, refused)
    }
  })
  releases.add('http', () => api.close())
  hub.attach(api.server)
  // Before the requests end: sockets are sent on while the node still answers.
  releases.add('drain', () => hub.close(DRAIN))
  return api
}

const codeOf = (thrown: unknown): ErrorCode | null =>
  thrown === undefined ? null : asAppError(thrown).code

const DRAIN = { spreadMs: 2_000, handshakesWithinMs: 1_000 } as const
