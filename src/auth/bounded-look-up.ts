import { AppError } from '../errors/app-error.js'
import type { FindUser } from './authorize.js'

/** How much of the store look-ups may take. */
export interface LookUpBounds {
  /** Longest time for one, waiting included, in milliseconds. */
  readonly timeoutMs: number
  /**
   * How many run at once; the others wait. Fewer than the connections of the pool: a locked table must not keep the log,
   * which those who are known already live on, from being read.
   */
  readonly atOnce: number
}

/** Bounds look-ups: a caller is told `SERVER_UNAVAILABLE` after `timeoutMs`, whatever the store does. */
export const boundLookUps = (findUser: FindUser, bounds: LookUpBounds): FindUser => {
  const waiting = new Set<() => void>()
  let underWay = 0

  const startNext = (): void => {
    const [next] = waiting
    if (next === undefined || underWay >= bounds.atOnce) return
    waiting.delete(next)
    next()
  }

  return (userId) =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        underWay += 1
        Promise.resolve()
          .then(() => findUser(userId))
          .then(resolve, (error: unknown) => {
            reject(
              error instanceof AppError
                ? error
                : new AppError('SERVER_UNAVAILABLE', { cause: error }),
            )
          })
          .finally(() => {
            clearTimeout(timer)
            underWay -= 1
            startNext()
          })
      }
      const timer = setTimeout(() => {
        waiting.delete(start)
        reject(new AppError('SERVER_UNAVAILABLE', { detail: 'The user look-up took too long.' }))
      }, bounds.timeoutMs)
      waiting.add(start)
      startNext()
    })
}
