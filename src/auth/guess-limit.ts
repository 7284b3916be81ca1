import { AppError } from '../errors/app-error.js'

/** `RATE_LIMITED` for a guess that was refused unseen: like a wrong one, it counts against who made it. */
export class TooManyGuesses extends AppError {
  constructor(retryAfterMs: number) {
    super('RATE_LIMITED', { retryAfterMs })
  }
}

/** Bounds guesses at one thing, exactly: so many wrong ones in any minute. Kept by this process. */
export interface GuessLimit {
  /**
   * Counts a guess at `key` before it is looked at, so that a thousand at once are not a thousand guesses. Returns what
   * takes it back, to be called where it was no wrong guess. Throws `TooManyGuesses` where it is one too many.
   */
  readonly begin: (key: string) => () => void
}

export interface GuessLimitOptions {
  readonly perMinute: number
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number
}

const WINDOW_MS = 60_000
/** Whoever makes up names to have a count forgotten needs as many wrong passwords in a minute: checking them takes longer. */
const MAX_KEYS = 65_536

export const createGuessLimit = (options: GuessLimitOptions): GuessLimit => {
  const { perMinute, now = () => performance.now() } = options
  /** When each was begun, oldest first; the key that was guessed at last is last. */
  const guesses = new Map<string, number[]>()

  return {
    begin(key) {
      const at = now()
      const times = guesses.get(key) ?? []
      const recent = times.findIndex((time) => time > at - WINDOW_MS)
      times.splice(0, recent === -1 ? times.length : recent)
      const [oldest] = times
      if (oldest !== undefined && times.length >= perMinute) {
        throw new TooManyGuesses(oldest + WINDOW_MS - at)
      }
      times.push(at)
      guesses.delete(key)
      guesses.set(key, times)
      const stalest = guesses.keys().next()
      if (guesses.size > MAX_KEYS && stalest.done !== true) guesses.delete(stalest.value)
      let isTakenBack = false
      return () => {
        if (isTakenBack) return
        isTakenBack = true
        const index = times.indexOf(at)
        if (index !== -1) times.splice(index, 1)
        if (times.length === 0 && guesses.get(key) === times) guesses.delete(key)
      }
    },
  }
}
