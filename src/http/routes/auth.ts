import {
  loginResultSchema,
  loginSchema,
  logoutSchema,
  refreshSchema,
  tokenPairSchema,
  userSchema,
} from '@uzima/contracts'
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { countsAsFailure, type AuthFailures } from '../../auth/failure-limit.js'
import { TooManyGuesses } from '../../auth/guess-limit.js'
import type { Login } from '../../auth/login.js'
import { AppError } from '../../errors/app-error.js'
import { principalOf, refuseWhenBlocked } from '../../middleware/http-auth.js'
import type { Users } from '../../users/users.js'
import type { Routes } from '../app.js'

/** What the routes of logging in need. */
export interface AuthRouteDeps {
  readonly login: Login
  readonly users: Pick<Users, 'get'>
  readonly authFailures: AuthFailures
  readonly addressOf: (request: IncomingMessage) => string
}

/** `/api/auth`: login, refresh, logout, me. */
export const authRoutes =
  (deps: AuthRouteDeps): Routes =>
  (app) => {
    const tags = ['auth']
    const { login, users, authFailures } = deps

    /** Counts the attempt before it is made, so that a thousand at once are not a thousand guesses. */
    const guarded = async <T>(address: string, attempt: () => Promise<T>): Promise<T> => {
      refuseWhenBlocked(authFailures, address)
      authFailures.fail(address)
      try {
        const result = await attempt()
        authFailures.forgive(address)
        return result
      } catch (error) {
        if (!isGuess(error)) authFailures.forgive(address)
        throw error
      }
    }

    app.post(
      '/auth/login',
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'Log in with a password',
          body: loginSchema,
          response: { 200: loginResultSchema },
        },
      },
      ({ raw, body }) => {
        const address = deps.addressOf(raw)
        return guarded(address, () => login.login({ ...body, address }))
      },
    )

    app.post(
      '/auth/refresh',
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary:
            'Trade a refresh token for a new pair; a used one is a retry until its successor was shown, then it ends its session',
          body: refreshSchema,
          response: { 200: tokenPairSchema },
        },
      },
      ({ raw, body: { refreshToken } }) => {
        const address = deps.addressOf(raw)
        const hasGone = (): boolean => raw.socket.destroyed
        return guarded(address, () => login.refresh({ refreshToken, address, hasGone }))
      },
    )

    app.post(
      '/auth/logout',
      {
        config: { access: 'authenticated' },
        schema: {
          tags,
          summary: 'End this session and its sockets',
          body: logoutSchema.nullish(),
          response: { 204: z.undefined() },
        },
      },
      async (request, reply) => {
        await login.logout(principalOf(request).claims, request.body?.refreshToken)
        return reply.code(204).send()
      },
    )

    app.get(
      '/auth/me',
      {
        config: { access: 'authenticated' },
        schema: { tags, summary: 'The account of the caller', response: { 200: userSchema } },
      },
      (request) => users.get(principalOf(request).user.id),
    )
  }

const isGuess = (error: unknown): boolean =>
  error instanceof TooManyGuesses || (error instanceof AppError && countsAsFailure(error.code))
