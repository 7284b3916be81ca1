import Fastify, { type FastifyInstance } from 'fastify'
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import type { Config } from '../config/schema.js'
import { addHttpAuth, decorateWithPrincipal, type HttpAuthDeps } from '../middleware/http-auth.js'
import type { Logger } from '../observability/logger.js'
import type { Metrics } from '../observability/metrics.js'
import type { HttpApp, Routes } from './app.js'
import { addCompression } from './compression.js'
import { addDraining } from './in-flight.js'
import { addJsonBody, addPlainParameters, BODY_LIMIT } from './json-body.js'
import { watchMethods } from './methods.js'
import { addOpenApi } from './openapi.js'
import { addProblems, sendProblem } from './problem.js'
import { addChangeTrail, addRequestTrail, type TrailDeps } from './request-trail.js'
import { addRequestLog } from './request-log.js'
import { addShares, type RequestShares } from './request-shares.js'
import { addSecurityHeaders } from './security-headers.js'
import { asAppError } from './thrown.js'
import { answerUnreadable } from './unreadable.js'

/** What the HTTP interface is made of. */
export interface HttpOptions {
  readonly config: Pick<Config, 'clientUrls' | 'httpsPort'>
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'answered'>
  /** Follows what a request changes beyond its answer. */
  readonly trail: TrailDeps
  /** Who guards the routes of the API. */
  readonly auth: HttpAuthDeps
  /** How much of it each user may have at a time. */
  readonly shares: RequestShares
  /** Resources below `/api`; each route says who may call it. */
  readonly api: readonly Routes[]
  /** The rest, below `/`: open to everybody. */
  readonly root: readonly Routes[]
}

/** Longest part of a path that names something: the longest sku that can be asked for. */
const MAX_PARAM_LENGTH = 500
/** Longest time for a request to arrive whole, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000
/** Longest time to an answer: beyond the 15 s that a statement may take. */
const HANDLER_TIMEOUT_MS = 30_000

/**
 * Makes the HTTP interface of the given routes. It does not listen; whoever does may attach Socket.IO to `server` first.
 * `close()` waits up to 5 s for requests under way.
 */
export const createHttpApi = async (options: HttpOptions): Promise<FastifyInstance> => {
  const { config, logger, metrics, auth } = options
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
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
  addRequestTrail(app, options.trail)
  addRequestLog(app, { logger, metrics, addressOf: auth.addressOf })
  addProblems(app, logger)
  addDraining(app)
  const methods = watchMethods(app)
  await addSecurityHeaders(app, config)
  addCompression(app)
  addJsonBody(app)
  addPlainParameters(app)
  await addOpenApi(app)

  await app.register(
    async (api: HttpApp) => {
      api.addHook('onRequest', (_request, reply, done) => {
        void reply.header('cache-control', 'no-store')
        done()
      })
      addShares(api, options.shares)
      addHttpAuth(api, auth)
      addChangeTrail(api, options.trail)
      for (const addRoutes of options.api) await addRoutes(api)
    },
    { prefix: '/api' },
  )
  for (const addRoutes of options.root) await addRoutes(app)
  methods.refuseOthers()
  return app
}
