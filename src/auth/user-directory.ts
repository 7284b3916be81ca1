import { AppError } from '../errors/app-error.js'
import type { LogEntry } from '../log/entry.js'
import type { AuthUser, FindUser, Subject } from './authorize.js'
import { boundLookUps, type FindUsers } from './bounded-look-up.js'

export interface UserDirectory {
  /**
   * The user as of this node's place in the log or later, and whether the session asked for lives; undefined where there
   * is no such user. Only the database says that he is not active. Waits for the log after a standstill. Throws
   * `AUTH_STALE` while the log cannot be confirmed, `SERVER_UNAVAILABLE` where the look-up fails or takes too long.
   */
  readonly get: (subject: Subject) => Promise<AuthUser | undefined>
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
  /** Least time between two calls of `findUsers`; who comes meanwhile is asked for together. Default 50 ms. */
  readonly lookUpEveryMs?: number
  /** Users kept; the one that was added first goes first. Default 50,000. */
  readonly capacity?: number
}

interface LookUp {
  readonly result: Promise<AuthUser | undefined>
  /** A change of the user passed during the look-up: its answer may be older than the change. */
  overtaken: boolean
}

/** Sessions of one user that are known to live; those that were added first are looked up again. */
const MAX_SESSIONS = 1_000

/**
 * An exact cache of users, not a timed one: an entry lives until the log changes that user or ends a session of his. So
 * a revocation is immediate, and a storm of reconnections costs no query. What lets in is remembered, what refuses never
 * is: a refusal is final, and this node may read only later that the user is active again. That there is no session is
 * not remembered either: a login is no entry of the log, and its session may be seconds old.
 */
export const createUserDirectory = (options: UserDirectoryOptions): UserDirectory => {
  const capacity = options.capacity ?? 50_000
  const findUser = boundLookUps(options.findUsers, {
    timeoutMs: options.lookUpTimeoutMs ?? 5_000,
    atOnce: 2,
    maxBatch: 500,
    everyMs: options.lookUpEveryMs ?? 50,
  })
  const known = new Map<string, AuthUser>()
  /** By user, then by session ('' where the token names none). */
  const lookUps = new Map<string, Map<string, LookUp>>()

  const get = async (subject: Subject): Promise<AuthUser | undefined> => {
    if (!options.isFresh() && !(await options.confirm())) throw new AppError('AUTH_STALE')
    const { userId, sessionId, authVersion = 0 } = subject
    const user = known.get(userId)
    const isAnswer = sessionId === undefined || user?.liveSessionIds?.includes(sessionId) === true
    if (user !== undefined && isAnswer && user.authVersion >= authVersion) return user
    const lookUp = lookUps.get(userId)?.get(sessionId ?? '') ?? begin(subject)
    const found = await lookUp.result
    return lookUp.overtaken ? get(subject) : found
  }

  const begin = (subject: Subject): LookUp => {
    const { userId, sessionId = '' } = subject
    const lookUp: LookUp = {
      overtaken: false,
      result: findUser(subject).then(
        (user) => {
          end()
          return user?.isActive !== true || lookUp.overtaken ? user : remember(user)
        },
        (error: unknown) => {
          end()
          throw error instanceof AppError
            ? error
            : new AppError('SERVER_UNAVAILABLE', { cause: error })
        },
      ),
    }
    const own = lookUps.get(userId) ?? new Map<string, LookUp>()
    lookUps.set(userId, own.set(sessionId, lookUp))
    const end = (): void => {
      if (own.get(sessionId) === lookUp) own.delete(sessionId)
      if (own.size === 0 && lookUps.get(userId) === own) lookUps.delete(userId)
    }
    return lookUp
  }

  /** Nothing has changed the user since he was known, so the sessions that lived then live. */
  const remember = (found: AuthUser): AuthUser => {
    const before = known.get(found.id)
    const sessions = new Set(before?.liveSessionIds)
    const knownBefore = sessions.size
    for (const id of found.liveSessionIds ?? []) sessions.add(id)
    const isNewer = before === undefined || before.authVersion < found.authVersion
    if (!isNewer && sessions.size === knownBefore) return before
    const user = { ...found, liveSessionIds: [...sessions].slice(-MAX_SESSIONS) }
    const oldest = known.keys().next()
    if (before === undefined && known.size >= capacity && oldest.done !== true) {
      known.delete(oldest.value)
    }
    known.set(user.id, user)
    return user
  }

  const overtake = (userId: string): void => {
    known.delete(userId)
    for (const lookUp of lookUps.get(userId)?.values() ?? []) {
      lookUp.overtaken = true
    }
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
    async ([subject]) => {
      const user = subject === undefined ? undefined : await findUser(subject)
      return new Map(subject === undefined || user === undefined ? [] : [[subject.userId, user]])
    },
    { timeoutMs: lookUpTimeoutMs, atOnce: 5, maxBatch: 1, everyMs: 0 },
  ),
  isCurrent: () => true,
  onEntries: () => undefined,
  onReset: () => undefined,
})
