import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.js'
import { onAnswerEnd } from './answer-end.js'

/** Longest wait for requests under way when the server closes. */
const PATIENCE_MS = 5_000
/** What a caller is told to wait before it tries again, hopefully with another node. */
const RETRY_AFTER_MS = 1_000

/**
 * Lets the requests that are under way finish before `app` closes, for at most 5 s; those that come meanwhile over
 * connections that are still open are refused with `SERVER_DRAINING`.
 */
export const addDraining = (app: FastifyInstance): void => {
  const underWay = new Set<string>()
  let isClosing = false
  let onIdle: (() => void) | undefined

  app.addHook('onRequest', (request, reply, done) => {
    const { id } = request
    const settle = (): void => {
      if (underWay.delete(id) && underWay.size === 0) onIdle?.()
    }
    underWay.add(id)
    onAnswerEnd(request, reply, settle)
    done(isClosing ? new AppError('SERVER_DRAINING', { retryAfterMs: RETRY_AFTER_MS }) : undefined)
  })

  app.addHook('preClose', async () => {
    isClosing = true
    if (underWay.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS)
      onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  })
}
