import { comeBackOf, ERRORS, type ErrorCode, type Problem } from '@uzima/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../errors/app-error.js'
import type { Logger } from '../observability/logger.js'
import { trailOf } from './request-trail.js'
import { asAppError } from './thrown.js'

/** Media type of every answer that tells of an error. @see RFC 9457 */
export const PROBLEM_JSON = 'application/problem+json'

/** The `type` of a problem: a name, not a place. */
const problemType = (code: ErrorCode): string => `urn:uzima:error:${code}`

/** What a caller is told of an error: fixed members last, so that no detail can pose as one. */
export const problemOf = (error: AppError): Problem => {
  const { status, message, refusesToken, isGuess } = ERRORS[error.code]
  return {
    ...error.details,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(error.retryAfterMs) }),
    type: problemType(error.code),
    title: message,
    status,
    code: error.code,
    // Why a token was refused in particular would help only him who makes tokens up.
    detail: (refusesToken || isGuess ? undefined : error.detail) ?? message,
    ...comeBackOf(error.code),
  }
}

/** Answers every error of `app`, thrown or of the framework, and every unknown address, with a problem. */
export const addProblems = (app: FastifyInstance, logger: Logger): void => {
  app.decorateRequest(CODE)
  app.setErrorHandler((error, request, reply) =>
    sendProblem(reply, logThrown(error, request, logger)),
  )
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, logThrown({ code: 'FST_ERR_NOT_FOUND' }, request, logger)),
  )
}

/** Code of the problem that `request` was answered with, where its handler or hooks threw it. */
export const problemCodeOf = (request: FastifyRequest): ErrorCode | undefined =>
  request.getDecorator<ErrorCode | undefined>(CODE)

/** Answers with `error`, and with the headers that belong to it. */
export const sendProblem = (reply: FastifyReply, error: AppError): FastifyReply => {
  const problem = problemOf(error)
  if (problem.status === 401 || problem.status === 403) {
    void reply.header('www-authenticate', challengeOf(error.code))
  }
  if (error.retryAfterMs !== undefined) {
    void reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000).toString())
  }
  return (
    reply
      .code(problem.status)
      .header('cache-control', 'no-store')
      .header('content-type', PROBLEM_JSON)
      // As bytes: the schema of the route's answers is not that of its errors, and the type has no charset.
      .send(Buffer.from(JSON.stringify(problem)))
  )
}

const logThrown = (thrown: unknown, request: FastifyRequest, logger: Logger): AppError => {
  const error = asAppError(thrown)
  const { level } = ERRORS[error.code]
  request.setDecorator(CODE, error.code)
  // Refusals are in the line of the request; a stack is for what we have to look into.
  if (level === 'error' || (level === 'warn' && error.cause !== undefined)) {
    const { method, routeOptions } = request
    logger[level](
      { err: error, method, route: routeOptions.url ?? 'none', ...trailOf(request) },
      'request failed',
    )
  }
  return error
}

/**
 * The challenge of a 401 or 403. A request without a token is told of no error.
 *
 * @see RFC 6750 section 3.1
 */
const challengeOf = (code: ErrorCode): string => {
  const realm = 'Bearer realm="uzima"'
  const { status, message, refusesToken } = ERRORS[code]
  if (status === 403) return `${realm}, error="insufficient_scope"`
  return refusesToken ? `${realm}, error="invalid_token", error_description="${message}"` : realm
}

const CODE = 'problemCode'
