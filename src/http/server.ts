import Fastify, { type FastifyInstance } from 'fastify'
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import type { IncomingMessage } from 'node:http'
import type { Admission } from '../auth/admission.js'
import type { FindUser } from '../auth/authorize.js'
import type { AuthFailures } from '../auth/failure-limit.js'
import type { Login } from '../auth/login.js'
import type { Config } from '../config/schema.js'
import type { Inventory } from '../inventory/inventory.js'
import type { EventLog } from '../log/event-log.js'
import { createClientAddress } from '../middleware/client-address.js'
import { addHttpAuth, decorateWithPrincipal } from '../middleware/http-auth.js'
import type { Logger } from '../observability/logger.js'
import type { Metrics } from '../observability/metrics.js'
import type { Users } from '../users/users.js'
import { addDraining } from './in-flight.js'
import { addJsonBody, addPlainQuery, BODY_LIMIT } from './json-body.js'
import { watchMethods } from './methods.js'
import { addOpenApi } from './openapi.js'
import type {
  HealthPort,
  HttpApp,
  ListAttempts,
  PresencePort,
  PublisherPort,
  RevocationsPort,
} from './ports.js'
import { addProblems, sendProblem } from './problem.js'
import { addRequestLog } from './request-log.js'
import { authRoutes } from './routes/auth.js'
import { connectionAttemptRoutes } from './routes/connection-attempts.js'
import { connectionRoutes } from './routes/connections.js'
import { dashboardRoutes } from './routes/dashboard.js'
import { docsRoutes } from './routes/docs.js'
import { eventRoutes } from './routes/events.js'
import { healthRoutes } from './routes/health.js'
import { inventoryRoutes } from './routes/inventory.js'
import { messageRoutes } from './routes/messages.js'
import { metricsRoutes } from './routes/metrics.js'
import { movementRoutes } from './routes/movements.js'
import { revocationRoutes } from './routes/revocations.js'
import { userRoutes } from './routes/users.js'
import { addSecurityHeaders } from './security-headers.js'
import { asAppError } from './thrown.js'
import { answerUnreadable } from './unreadable.js'

/** Everything that the HTTP interface needs of the rest. */
export interface HttpDeps {
  readonly config: Pick<
    Config,
    'clientUrls' | 'trustProxy' | 'metricsToken' | 'inventoryUpdateRoles' | 'lowStockRoles'
  >
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'answered' | 'render' | 'contentType'>
  readonly admission: Admission
  /** Shared with the sockets, so that an address has one budget. */
  readonly authFailures: AuthFailures
  readonly findUser: FindUser
  readonly login: Login
  readonly users: Users
  readonly inventory: Inventory
  readonly eventLog: Pick<EventLog, 'range'>
  readonly publisher: PublisherPort
  readonly presence: PresencePort
  readonly listAttempts: ListAttempts
  readonly revocations: RevocationsPort
  readonly health: HealthPort
  /** Folder of the dashboard's built files; default `packages/dashboard/dist`. */
  readonly dashboardFolder?: string
}

/** Longest time for a request to arrive whole, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000
/** Longest time to an answer: beyond the 15 s that a statement may take. */
const HANDLER_TIMEOUT_MS = 30_000

/**
 * Makes the HTTP interface: REST under `/api`, `/health`, `/metrics`, `/docs` and the dashboard. It does not listen;
 * whoever does may attach Socket.IO to `server` first. `close()` waits up to 5 s for requests under way.
 */
export const createHttpApi = async (deps: HttpDeps): Promise<FastifyInstance> => {
  const { config, logger, metrics } = deps
  const addressOf = createClientAddress(config.trustProxy)
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    forceCloseConnections: true,
    // `addDraining` answers with a problem instead.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, asAppError(error))
    },
    clientErrorHandler: answerUnreadable,
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)

  decorateWithPrincipal(app)
  addRequestLog(app, { logger, metrics, addressOf })
  addProblems(app, logger)
  addDraining(app)
  const methods = watchMethods(app)
  await addSecurityHeaders(app, config)
  addJsonBody(app)
  addPlainQuery(app)
  await addOpenApi(app)

  await app.register(
    (api: HttpApp, _options, done) => {
      addApi(api, deps, addressOf)
      done()
    },
    { prefix: '/api' },
  )
  healthRoutes(app, deps)
  metricsRoutes(app, { metrics, metricsToken: config.metricsToken })
  await docsRoutes(app)
  await dashboardRoutes(app, deps.dashboardFolder)
  methods.refuseOthers()
  return app
}

const addApi = (
  api: HttpApp,
  deps: HttpDeps,
  addressOf: (request: IncomingMessage) => string,
): void => {
  api.addHook('onRequest', (_request, reply, done) => {
    void reply.header('cache-control', 'no-store')
    done()
  })
  addHttpAuth(api, { ...deps, addressOf })

  authRoutes(api, { ...deps, addressOf })
  userRoutes(api, deps)
  inventoryRoutes(api, deps)
  movementRoutes(api, deps)
  eventRoutes(api, { ...deps, feeds: deps.config })
  messageRoutes(api, deps)
  connectionRoutes(api, deps)
  connectionAttemptRoutes(api, deps)
  revocationRoutes(api, deps)
}
