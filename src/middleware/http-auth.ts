import { rolesAllow, type Permission } from '@uzima/contracts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Admission, Principal } from '../auth/admission.js'
import { bearerToken } from '../auth/bearer-token.js'
import { countsAsFailure, type AuthFailures } from '../auth/failure-limit.js'
import { AppError } from '../errors/app-error.js'

/** Who may call a route: everybody, everybody who is signed in, or the roles with a permission. */
export type Access = 'public' | 'authenticated' | Permission

type Guarded = Exclude<Access, 'public'>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; a route of the API without it does not start. */
    access?: Access
  }
}

export interface HttpAuthDeps {
  readonly admission: Admission
  readonly authFailures: AuthFailures
  readonly addressOf: (request: IncomingMessage) => string
  /** Told of each verdict on a request's token: what was thrown, undefined where he is let in. */
  readonly onVerdict?: (refusal: unknown) => void
}

/** Gives every request of `app` a place for its caller; call it on the root, before `addHttpAuth`. */
export const decorateWithPrincipal = (app: FastifyInstance): void => {
  app.decorateRequest(PRINCIPAL)
}

/**
 * Guards every route that is added to `api` afterwards, by the route's `config.access`: token, user, permission, in
 * this order, before a byte of the body is read, again when the body is there, and for what was only read, before the
 * answer goes out.
 */
export const addHttpAuth = (api: FastifyInstance, deps: HttpAuthDeps): void => {
  const { admission, authFailures } = deps

  const enter = async (request: FastifyRequest, access: Guarded): Promise<void> => {
    const address = deps.addressOf(request.raw)
    refuseWhenBlocked(authFailures, address)
    try {
      const claims = await admission.verify(bearerToken(request.headers.authorization))
      decide(request, await admission.admit(claims), access)
      deps.onVerdict?.(undefined)
    } catch (error) {
      deps.onVerdict?.(error)
      if (error instanceof AppError && countsAsFailure(error.code)) authFailures.fail(address)
      throw error
    }
  }

  const decide = (request: FastifyRequest, principal: Principal, access: Guarded): void => {
    request.setDecorator(PRINCIPAL, principal)
    if (access !== 'authenticated' && !rolesAllow(principal.user.roles, access)) {
      throw new AppError('AUTH_FORBIDDEN')
    }
  }

  api.addHook('onRoute', ({ config, method, url }) => {
    if (config?.access !== undefined) return
    throw new TypeError(`The route ${String(method)} ${url} does not say who may call it.`)
  })

  api.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config
    if (access !== undefined && access !== 'public') await enter(request, access)
  })

  const decideAgain = async (request: FastifyRequest): Promise<void> => {
    const { access } = request.routeOptions.config
    if (access === undefined || access === 'public') return
    const principal = principalOf(request)
    if (admission.isCurrent(principal)) return
    decide(request, await admission.admit(principal.claims), access)
  }

  // A caller may send the body long after the headers: what he was then is not what he is now.
  api.addHook('preHandler', decideAgain)

  // The process may have stood still since. What was written is told all the same: it has happened.
  api.addHook('preSerialization', async (request, reply, payload: unknown) => {
    if (request.method === 'GET' && reply.statusCode < 400) await decideAgain(request)
    return payload
  })
}

/** The caller of a guarded route. Throws a TypeError on a public one. */
export const principalOf = (request: FastifyRequest): Principal => {
  const principal = findPrincipal(request)
  if (principal === undefined) throw new TypeError('This route is public: it has no principal.')
  return principal
}

/** The caller, where he is known. */
export const findPrincipal = (request: FastifyRequest): Principal | undefined =>
  request.getDecorator<Principal | undefined>(PRINCIPAL)

/** Throws `RATE_LIMITED` while `address` has failed too often. */
export const refuseWhenBlocked = (failures: AuthFailures, address: string): void => {
  const retryAfterMs = failures.check(address)
  if (retryAfterMs !== undefined) throw new AppError('RATE_LIMITED', { retryAfterMs })
}

const PRINCIPAL = 'principal'
