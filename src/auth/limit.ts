import { AppError } from '../errors/app-error.js'

/** Runs `work` once it is its turn; throws `SERVER_UNAVAILABLE` where too many wait already. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>

const RETRY_AFTER_MS = 1_000

/** Lets `concurrency` pieces of work run at a time and `maxWaiting` wait, first come, first served. */
export const createLimit = (options: {
  readonly concurrency: number
  readonly maxWaiting: number
}): Limit => {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running < options.concurrency) running += 1
    else if (waiting.length < options.maxWaiting) {
      // Whoever finishes hands over its place, so `running` stays.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      throw new AppError('SERVER_UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS })
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
