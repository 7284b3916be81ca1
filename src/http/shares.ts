import { AppError } from '../errors/app-error.js'

/** How much of one kind of work goes on at a time. */
export interface ShareOptions {
  /** Pieces of work of all callers together. */
  readonly atOnce: number
  /** Places that one caller may hold. */
  readonly perCaller: number
  /** Further ones of one caller that may wait. */
  readonly maxWaiting: number
  /** Longest time to wait, in milliseconds. */
  readonly waitAtMostMs: number
}

/** What a caller holds. Both calls may come in either order, and again. */
export interface Place {
  /** The work is done: the next of anybody may begin. */
  readonly worked: () => void
  /** Nothing of it is left, its answer included: the next of this caller may begin. */
  readonly left: () => void
}

/** Gives each caller a share of the work, so that nobody waits for more than one piece of work of anybody else. */
export interface Shares {
  /**
   * Resolves when it is the caller's turn, first come, first served among his own. Throws `RATE_LIMITED` with
   * `retryAfterMs` at once where too many of his wait already, and where one has waited too long; rejects with the
   * signal's reason when that is aborted first.
   */
  readonly enter: (caller: string, signal?: AbortSignal) => Promise<Place>
  /** Does `work` in a place of the caller, and gives that back however it ends. */
  readonly run: <T>(caller: string, work: () => Promise<T>) => Promise<T>
  /** How many wait now, and how many were refused so far. */
  readonly count: () => { readonly waiting: number; readonly refused: number }
}

const RETRY_AFTER_MS = 1_000

export const createShares = (options: ShareOptions): Shares => {
  // Those who hold or wait for something, in the order of their turns: who was served goes to the end.
  const callers = new Map<string, Caller>()
  let working = 0
  let waitingCount = 0
  let refused = 0

  const callerOf = (name: string): Caller => {
    const caller = callers.get(name) ?? { held: 0, waiting: new Set() }
    callers.set(name, caller)
    return caller
  }

  const startNext = (): void => {
    while (working < options.atOnce) {
      const next = nextInTurn()
      if (next === undefined) return
      const { name, caller, waiter } = next
      callers.delete(name)
      callers.set(name, caller)
      waiter.start(take(name, caller))
    }
  }

  const nextInTurn = () => {
    for (const [name, caller] of callers) {
      const [waiter] = caller.waiting
      if (waiter !== undefined && caller.held < options.perCaller) return { name, caller, waiter }
    }
    return undefined
  }

  const take = (name: string, caller: Caller): Place => {
    working += 1
    caller.held += 1
    let [isWorking, isHeld] = [true, true]
    return {
      worked: () => {
        if (!isWorking) return
        isWorking = false
        working -= 1
        startNext()
      },
      left: () => {
        if (!isHeld) return
        isHeld = false
        caller.held -= 1
        forgetIdle(name, caller)
        startNext()
      },
    }
  }

  const forgetIdle = (name: string, caller: Caller): void => {
    if (caller.held === 0 && caller.waiting.size === 0) callers.delete(name)
  }

  const refusal = (): AppError => {
    refused += 1
    return new AppError('RATE_LIMITED', {
      detail: 'Too many requests of yours at once.',
      retryAfterMs: RETRY_AFTER_MS,
    })
  }

  const enter: Shares['enter'] = (name, signal) => {
    if (signal?.aborted === true) return Promise.reject(reasonOf(signal))
    const caller = callerOf(name)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        start: (place) => {
          leave()
          resolve(place)
        },
      }
      const leave = (): void => {
        if (caller.waiting.delete(waiter)) waitingCount -= 1
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const giveUp = (error: Error): void => {
        leave()
        forgetIdle(name, caller)
        reject(error)
      }
      const onAbort = (): void => {
        giveUp(reasonOf(signal))
      }
      caller.waiting.add(waiter)
      waitingCount += 1
      const timer = setTimeout(() => {
        giveUp(refusal())
      }, options.waitAtMostMs)
      signal?.addEventListener('abort', onAbort)
      startNext()
      // Only now: one that began at once has not waited.
      if (caller.waiting.has(waiter) && caller.waiting.size > options.maxWaiting) giveUp(refusal())
    })
  }

  return {
    enter,
    async run(caller, work) {
      const place = await enter(caller)
      try {
        return await work()
      } finally {
        place.worked()
        place.left()
      }
    },
    count: () => ({ waiting: waitingCount, refused }),
  }
}

interface Waiter {
  readonly start: (place: Place) => void
}

interface Caller {
  /** Places that it holds. */
  held: number
  /** In the order in which they came. */
  readonly waiting: Set<Waiter>
}

const reasonOf = (signal: AbortSignal | undefined): Error => {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new Error('The caller has gone.', { cause: reason })
}
