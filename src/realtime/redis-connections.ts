import { Redis } from 'ioredis'
import { reasonOf } from './redis-trouble.js'
import type { RedisReason } from '../ports/redis-state.js'

/** The two connections of a node: one that sends commands, one that only listens. */
export interface RedisConnections {
  readonly commands: Redis
  readonly subscriber: Redis
  readonly areReady: () => boolean
  /** For how long one has been refused or lost; 0 where both are ready, or the first attempt is under way. */
  readonly failingForMs: () => number
  /** Grows with each end and each beginning of one of them. */
  readonly changes: () => number
  /** Why one of them is not there, as far as its own errors tell; told of a ready one, too: Redis has kept it half. */
  readonly trouble: () => RedisReason | undefined
  readonly close: () => void
}

// Attempts (ms): 100, 200, 400, 800, 1,600, then every 2 s, for ever.
const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** attempt, 2_000)

/** Connects, again and again. `onChange` is told of each end and each beginning of one of them. */
export const connectRedis = (
  url: string,
  onChange: (client: 'commands' | 'subscriber', ready: boolean) => void,
): RedisConnections => {
  const troubles = new Map<Redis, RedisReason>()
  let failingSinceMs: number | undefined
  let changes = 0
  const areReady = (): boolean => commands.status === 'ready' && subscriber.status === 'ready'

  const open = (name: 'commands' | 'subscriber'): Redis => {
    // What cannot be sent now is dropped: an old message that arrives after an outage is worse than none.
    const client = new Redis(url, {
      retryStrategy,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 1_000,
      connectTimeout: 2_000,
      keepAlive: 5_000,
      // Needs no right but those that we use, and leaves it to the probe to say whether Redis is well.
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
      // Made by the link, which can tell where one is refused.
      autoResubscribe: false,
    })
    client.on('connecting', () => troubles.delete(client))
    // Each failed attempt comes here; the change of state is what is told.
    client.on('error', (error: unknown) => {
      const reason = reasonOf(error, 'connect')
      if (reason !== undefined) troubles.set(client, reason)
    })
    client.on('close', () => {
      failingSinceMs ??= performance.now()
      changes += 1
      onChange(name, false)
    })
    client.on('ready', () => {
      if (areReady()) failingSinceMs = undefined
      changes += 1
      onChange(name, true)
    })
    return client
  }
  const commands = open('commands')
  const subscriber = open('subscriber')

  return {
    commands,
    subscriber,
    areReady,
    failingForMs: () => (failingSinceMs === undefined ? 0 : performance.now() - failingSinceMs),
    changes: () => changes,
    trouble: () => troubles.get(commands) ?? troubles.get(subscriber),
    close: () => {
      for (const client of [commands, subscriber]) client.disconnect()
    },
  }
}
