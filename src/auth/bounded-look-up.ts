import { AppError } from '../errors/app-error.js'
import type { AuthUser, FindUser, Subject } from './authorize.js'

/** Resolves to the users as committed, by id, with those of the sessions asked for that live; who is not there is not in it. */
export type FindUsers = (subjects: readonly Subject[]) => Promise<ReadonlyMap<string, AuthUser>>

/** How much of the store look-ups may take. */
export interface LookUpBounds {
  /** Longest time for one, waiting included, in milliseconds. */
  readonly timeoutMs: number
  /**
   * How many calls run at once; the others wait. Fewer than the connections of the pool: a locked table must not keep
   * the log, which those who are known already live on, from being read.
   */
  readonly atOnce: number
  /** How many of those who wait are asked for by one call. */
  readonly maxBatch: number
  /**
   * Least time from the start of a call to that of the next, in milliseconds; the first after a pause is made at once. A
   * crowd that comes back after a deploy is a few batches a second then, however fast the store answers.
   */
  readonly everyMs: number
}

/**
 * Bounds look-ups: a caller is told `SERVER_UNAVAILABLE` after `timeoutMs`, whatever the store does. Those who wait are
 * asked for together, so that a crowd takes a few calls, however slow each of them is.
 */
export const boundLookUps = (findUsers: FindUsers, bounds: LookUpBounds): FindUser => {
  const waiting = new Set<LookUp>()
  let underWay = 0
  let startedAt = Number.NEGATIVE_INFINITY
  let pause: NodeJS.Timeout | undefined

  const startNext = (): void => {
    if (waiting.size === 0 || underWay >= bounds.atOnce || pause !== undefined) return
    const pauseMs = startedAt + bounds.everyMs - performance.now()
    if (pauseMs > 0) {
      pause = setTimeout(() => {
        pause = undefined
        startNext()
      }, pauseMs)
      return
    }
    startedAt = performance.now()
    const batch = [...waiting].slice(0, bounds.maxBatch)
    for (const lookUp of batch) waiting.delete(lookUp)
    underWay += 1
    void ask(batch).then(() => {
      underWay -= 1
      startNext()
    })
  }

  const ask = async (batch: readonly LookUp[]): Promise<void> => {
    try {
      const found = await findUsers(batch.map(({ subject }) => subject))
      for (const { subject, resolve } of batch) resolve(found.get(subject.userId))
    } catch (error) {
      for (const { reject } of batch) {
        reject(
          error instanceof AppError ? error : new AppError('SERVER_UNAVAILABLE', { cause: error }),
        )
      }
    }
  }

  return (subject) =>
    new Promise<AuthUser | undefined>((resolve, reject) => {
      const lookUp: LookUp = {
        subject,
        resolve: (user) => {
          clearTimeout(timer)
          resolve(user)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      const timer = setTimeout(() => {
        waiting.delete(lookUp)
        reject(new AppError('SERVER_UNAVAILABLE', { detail: 'The user look-up took too long.' }))
      }, bounds.timeoutMs)
      waiting.add(lookUp)
      // Not at once: those who came in the same turn of the event loop are asked for together.
      setImmediate(startNext)
    })
}

interface LookUp {
  readonly subject: Subject
  readonly resolve: (user: AuthUser | undefined) => void
  readonly reject: (error: AppError) => void
}
