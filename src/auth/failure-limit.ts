import { ERRORS, type ErrorCode } from '@uzima/contracts'
import { hash, randomBytes } from 'node:crypto'
import { RateLimiterMemory, type RateLimiterLike } from 'rate-limiter-flexible'
import { networkOf } from './network.js'

/** Counts failed authentications by address; sockets and REST share one. */
export interface AuthFailures {
  /** Milliseconds until attempts of `key` are looked at again; undefined where they are now. */
  readonly check: (key: string) => number | undefined
  /** Counts a failure of `key`. Never throws. */
  readonly fail: (key: string) => void
  /** Takes one failure back: the attempt that was counted beforehand succeeded. */
  readonly forgive: (key: string) => void
}

export interface AuthFailuresOptions {
  /** Failures in a minute that one key may have; the attempt after them is refused unseen. */
  readonly perMinute: number
  /** Where failures are counted; default this process. A shared store makes them count on every node. */
  readonly limiter?: RateLimiterLike
}

const WINDOW_MS = 60_000
const BLOCK_MS = 60_000
/** Keys share this many counters, so that a flood of made-up addresses costs a bounded amount of memory. */
const BUCKETS = 65_536

/**
 * Makes the counter. `check` is synchronous and local: who is refused costs neither cryptography nor a round trip.
 */
export const createAuthFailures = ({
  perMinute,
  ...options
}: AuthFailuresOptions): AuthFailures => {
  // Without a salt an outsider could choose addresses that share a counter with somebody else's.
  const salt = randomBytes(16).toString('hex')
  const limiter =
    options.limiter ?? new RateLimiterMemory({ points: perMinute, duration: WINDOW_MS / 1_000 })
  const blockedUntil = new Map<string, number>()

  const bucketOf = (key: string): string =>
    (Number.parseInt(hash('sha256', salt + networkOf(key)).slice(0, 8), 16) % BUCKETS).toString(36)

  const settle = (bucket: string, failures: number): void => {
    if (failures < perMinute) blockedUntil.delete(bucket)
    else blockedUntil.set(bucket, performance.now() + BLOCK_MS)
  }

  return {
    check(key) {
      // Nobody is blocked, nearly always.
      if (blockedUntil.size === 0) return undefined
      const bucket = bucketOf(key)
      const leftMs = (blockedUntil.get(bucket) ?? 0) - performance.now()
      if (leftMs > 0) return leftMs
      blockedUntil.delete(bucket)
      return undefined
    },
    fail(key) {
      const bucket = bucketOf(key)
      limiter.penalty(bucket).then(
        ({ consumedPoints }) => {
          // Whoever is blocked already is not blocked longer by attempts that were under way.
          if (!blockedUntil.has(bucket)) settle(bucket, consumedPoints)
        },
        () => undefined,
      )
    },
    forgive(key) {
      const bucket = bucketOf(key)
      limiter.reward(bucket).then(
        ({ consumedPoints }) => {
          settle(bucket, consumedPoints)
        },
        () => undefined,
      )
    },
  }
}

/** Whether a refusal with `code` counts against the address that it came from. */
export const countsAsFailure = (code: ErrorCode): boolean => ERRORS[code].isGuess
