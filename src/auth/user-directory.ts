import { AppError } from '../errors/app-error.js'
import type { LogEntry } from '../log/entry.js'
import type { AuthUser, FindUser } from './authorize.js'
import { boundLookUps, type FindUsers } from './bounded-look-up.js'

export interface UserDirectory {
  /**
   * The user as of this node's place in the log; undefined where there is none. Waits for the log after a standstill.
   * Throws `AUTH_STALE` while the log cannot be confirmed, `SERVER_UNAVAILABLE` where the look-up fails or takes too long.
   */
  readonly get: (userId: string) => Promise<AuthUser | undefined>
  /**
   * Whether `user`, got before, still is what the log says: no change of it has passed since, and none can have been
   * missed. Synchronous.
   */
  readonly isCurrent: (user: AuthUser) => boolean
  /** Forgets the users that `entries` change; look-ups of them that are under way are done again. */
  readonly onEntries: (entries: readonly LogEntry[]) => void
  /** Forgets everybody: what happened is unknown. */
  readonly onReset: () => void
}

export interface UserDirectoryOptions {
  readonly findUsers: FindUsers
  /** Whether the log was confirmed recently enough to rely on the cache. */
  readonly isFresh: () => boolean
  /** Confirms the log where that takes one read; resolves to whether it is confirmed. Never rejects. */
  readonly confirm: () => Promise<boolean>
  /** Default 5,000 ms. */
  readonly lookUpTimeoutMs?: number
  /** Users kept; the one that was added first goes first. Default 50,000. */
  readonly capacity?: number
}

interface LookUp {
  readonly result: Promise<AuthUser | undefined>
  /** A change of the user passed during the look-up: its answer may be older than the change. */
  overtaken: boolean
}

/**
 * An exact cache of users, not a timed one: an entry lives until the log changes that user. So a revocation is
 * immediate, and a storm of reconnections costs no query.
 */
export const createUserDirectory = (options: UserDirectoryOptions): UserDirectory => {
  const capacity = options.capacity ?? 50_000
  const findUser = boundLookUps(options.findUsers, {
    timeoutMs: options.lookUpTimeoutMs ?? 5_000,
    atOnce: 2,
    maxBatch: 500,
  })
  const known = new Map<string, AuthUser>()
  const lookUps = new Map<string, LookUp>()

  const get = async (userId: string): Promise<AuthUser | undefined> => {
    if (!options.isFresh() && !(await options.confirm())) throw new AppError('AUTH_STALE')
    const user = known.get(userId)
    if (user !== undefined) return user
    let lookUp = lookUps.get(userId)
    if (lookUp === undefined) {
      lookUp = begin(userId)
      lookUps.set(userId, lookUp)
    }
    const found = await lookUp.result
    return lookUp.overtaken ? get(userId) : found
  }

  const begin = (userId: string): LookUp => {
    const lookUp: LookUp = {
      overtaken: false,
      result: findUser(userId).then(
        (user) => {
          end()
          if (user !== undefined && !lookUp.overtaken) remember(user)
          return user
        },
        (error: unknown) => {
          end()
          throw error instanceof AppError
            ? error
            : new AppError('SERVER_UNAVAILABLE', { cause: error })
        },
      ),
    }
    const end = (): void => {
      if (lookUps.get(userId) === lookUp) lookUps.delete(userId)
    }
    return lookUp
  }

  const remember = (user: AuthUser): void => {
    const oldest = known.keys().next()
    if (known.size >= capacity && oldest.done !== true) known.delete(oldest.value)
    known.set(user.id, user)
  }

  const overtake = (userId: string): void => {
    known.delete(userId)
    const lookUp = lookUps.get(userId)
    if (lookUp === undefined) return
    lookUp.overtaken = true
    lookUps.delete(userId)
  }

  return {
    get,
    isCurrent: (user) => options.isFresh() && known.get(user.id) === user,
    onEntries(entries) {
      for (const entry of entries) {
        if (entry.name === 'user:changed' || entry.name === 'session:ended') {
          overtake(entry.payload.userId)
        }
      }
    },
    onReset() {
      for (const userId of [...known.keys(), ...lookUps.keys()]) overtake(userId)
    },
  }
}

/** For a back end without our log: nothing is cached, each handshake asks. A user once read counts as current. */
export const createUncachedDirectory = (
  findUser: FindUser,
  lookUpTimeoutMs = 5_000,
): UserDirectory => ({
  get: boundLookUps(
    async (userIds) => {
      const [userId] = userIds
      const user = userId === undefined ? undefined : await findUser(userId)
      return new Map(userId === undefined || user === undefined ? [] : [[userId, user]])
    },
    { timeoutMs: lookUpTimeoutMs, atOnce: 5, maxBatch: 1 },
  ),
  isCurrent: () => true,
  onEntries: () => undefined,
  onReset: () => undefined,
})
