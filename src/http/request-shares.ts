import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../errors/app-error.js'
import { findPrincipal } from '../middleware/http-auth.js'
import { onAnswerEnd } from './answer-end.js'
import { createShares, type Place, type Shares } from './shares.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route answers with up to hundreds of rows: such answers have shares of their own. */
    isPage?: boolean
    /** Whether what the route does is carried out together with others of its kind, in few transactions for all of them. */
    isTogether?: boolean
  }
}

/** Shares of users in what requests do. */
export interface RequestShares {
  /** Pages of rows: a few of them keep the process and the database busy. */
  readonly pages: Shares
  /** Movements of stock: many of them take one connection of the database. */
  readonly movements: Shares
  /** Everything else, which must not wait behind pages. */
  readonly others: Shares
}

/** Requests of one user that may wait, and for how long, in milliseconds. */
const QUEUE = { maxWaiting: 32, waitAtMostMs: 5_000 } as const

/**
 * Makes the shares for `perUser` requests of each user at a time. Pages, other requests and the six connections that movements
 * take at most stay below the sixteen of the database's pool, so that admissions, log-ins and the record find one while requests
 * take all that they may.
 */
export const createRequestShares = (perUser: number): RequestShares => ({
  pages: createShares({ ...QUEUE, perCaller: perUser, atOnce: Math.max(2, perUser - 2) }),
  movements: createShares({ ...QUEUE, perCaller: perUser, atOnce: 64 }),
  others: createShares({ ...QUEUE, perCaller: perUser, atOnce: perUser + 2 }),
})

/** Makes the shares of places in the checking of passwords: one at a time for each, while others' go on beside it. */
export const createLoginShares = (): Shares => createShares({ ...QUEUE, perCaller: 1, atOnce: 3 })

/**
 * Lets the requests of each user begin as his share says, those of all guarded routes that are added to `api` afterwards.
 * Call it before `addHttpAuth`, which looks once more at who has waited.
 */
export const addShares = (api: FastifyInstance, shares: RequestShares): void => {
  api.decorateRequest(WORK)

  api.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = async function (request, reply): Promise<unknown> {
      const work = workOf(request)
      if (work === undefined) return handler.call(this, request, reply)
      work.begin()
      try {
        return await handler.call(this, request, reply)
      } finally {
        work.end()
      }
    }
  })

  // The work is done with the answer, not with its way out: the promise of a handler that gives back its reply waits for that,
  // for ever where the answer stands behind another one on a connection that broke.
  api.addHook('onSend', (request, _reply, payload, done) => {
    if (!(payload instanceof Readable)) workOf(request)?.end()
    done(null, payload)
  })

  // Not sooner: a body that comes slowly must hold nobody's place.
  api.addHook('preHandler', async (request, reply) => {
    const principal = findPrincipal(request)
    if (principal === undefined) return
    const gone = new AbortController()
    onAnswerEnd(request, reply, () => {
      gone.abort()
    })
    const { isPage, isTogether } = request.routeOptions.config
    const share =
      isPage === true ? shares.pages : isTogether === true ? shares.movements : shares.others
    const place = await share
      .enter(principal.user.id, gone.signal)
      .catch(async (refusal: unknown) => {
        await delay(refusedAfterMs(), undefined, { signal: gone.signal }).catch(() => undefined)
        throw refusal
      })
    request.setDecorator(WORK, createWork(place, gone.signal))
  })
}

/**
 * Told at once, 270 callers that asked again at once kept the whole process busy with refusing them (measured). A random time,
 * so that those who were refused together do not come back together.
 */
const refusedAfterMs = (): number => 500 + Math.random() * 500

/** The work of one request, from its turn on. */
interface Work {
  /** Throws where the caller has gone meanwhile. */
  readonly begin: () => void
  readonly end: () => void
}

/**
 * A caller who hangs up takes back nothing that runs: his place in the work ends with the work, that among his own with
 * the answer too. Else who hangs up at once could have any number run.
 */
const createWork = (place: Place, gone: AbortSignal): Work => {
  let state: 'before' | 'running' | 'over' = 'before'
  const settle = (): void => {
    if (state === 'running') return
    place.worked()
    if (gone.aborted) place.left()
  }
  gone.addEventListener('abort', settle)
  // Between his turn and this tick.
  if (gone.aborted) settle()
  return {
    begin: () => {
      if (gone.aborted) throw new AppError('SERVER_UNAVAILABLE')
      state = 'running'
    },
    end: () => {
      state = 'over'
      settle()
    },
  }
}

const workOf = (request: FastifyRequest): Work | undefined =>
  request.getDecorator<Work | undefined>(WORK)

const WORK = 'work'
