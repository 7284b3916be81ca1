import { AppError } from '../errors/app-error.js'
import type { RedisLink } from './redis.js'

/** Bounds the connections of one user over all nodes, exactly, however many arrive at once. */
export interface ConnectionSlots {
  /** Takes a place for the socket. Rejects with `TOO_MANY_CONNECTIONS` where there is none now. */
  readonly take: (userId: string, socketId: string) => Promise<void>
  /** Gives the place back; safe to call for a socket that has none. */
  readonly free: (socketId: string) => void
  readonly stop: () => void
}

/** A node that dies keeps its places for so long. */
const TTL_MS = 30_000
const REFRESH_EVERY_MS = 10_000
/** After three of these the places of a node that has died are free. */
const COME_BACK_AFTER_MS = TTL_MS / 3

const TAKE = `
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
    return 0
  end
  redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1`

/**
 * Counts in this process, and over the nodes in Redis while it is there: one sorted set a user, its members expire. While
 * Redis is away the bound holds for each node by itself.
 */
export const createConnectionSlots = (options: {
  readonly maxPerUser: number
  readonly redis: RedisLink | undefined
}): ConnectionSlots => {
  const { maxPerUser, redis } = options
  const countByUser = new Map<string, number>()
  const userBySocket = new Map<string, string>()

  const refresh = (): void => {
    if (redis?.hasKeys() !== true) return
    for (const [socketId, userId] of userBySocket) {
      // No bound: these sockets are in, and a Redis that was restarted has forgotten them.
      redis
        .script(TAKE, keyOf(userId), socketId, Number.MAX_SAFE_INTEGER, TTL_MS)
        .catch(ignoreOutage)
    }
  }
  const timer = redis === undefined ? undefined : setInterval(refresh, REFRESH_EVERY_MS)

  const take = async (userId: string, socketId: string): Promise<void> => {
    const count = countByUser.get(userId) ?? 0
    if (count >= maxPerUser) throw full()
    // Before any `await`, so that those who come at once count each other.
    countByUser.set(userId, count + 1)
    userBySocket.set(socketId, userId)
    if (redis?.hasKeys() !== true) return
    const taken = await redis
      .script(TAKE, keyOf(userId), socketId, maxPerUser, TTL_MS)
      .catch(() => 1)
    if (taken !== 0) return
    forget(socketId)
    throw full()
  }

  const forget = (socketId: string): string | undefined => {
    const userId = userBySocket.get(socketId)
    if (userId === undefined) return undefined
    userBySocket.delete(socketId)
    const others = (countByUser.get(userId) ?? 1) - 1
    if (others === 0) countByUser.delete(userId)
    else countByUser.set(userId, others)
    return userId
  }

  const free = (socketId: string): void => {
    const userId = forget(socketId)
    if (userId !== undefined && redis?.hasKeys() === true) {
      redis.removeMember(keyOf(userId), socketId).catch(ignoreOutage)
    }
  }

  return {
    take,
    free,
    stop: () => {
      clearInterval(timer)
    },
  }
}

const full = (): AppError =>
  new AppError('TOO_MANY_CONNECTIONS', { retryAfterMs: COME_BACK_AFTER_MS })

const keyOf = (userId: string): string => `connections:${userId}`

const ignoreOutage = (): void => {
  // The place expires by itself.
}
