import { createAdapter } from '@socket.io/redis-adapter'
import { Redis } from 'ioredis'

export interface RedisLink {
  /** Factory for Socket.IO's `adapter` option. */
  readonly adapter: ReturnType<typeof createAdapter>
  /** Publishes text on a channel of our own; resolves to how many nodes got it, 0 while Redis is away. */
  readonly publish: (channel: string, text: string) => Promise<number>
  /** Calls `onText` for what is published on `channel`. */
  readonly subscribe: (channel: string, onText: (text: string) => void) => void
  /** For commands (presence, limits); fails at once while Redis is away. */
  readonly commands: Redis
  readonly isUp: () => boolean
  readonly close: () => Promise<void>
}

export interface RedisLinkOptions {
  readonly url: string
  /** Whether what comes from other nodes may be passed on; it is held until that is known. Never rejects. */
  readonly mayDeliver: () => true | Promise<boolean>
  /** Told once what it is at the start, then once for each change between reachable and not. */
  readonly onState: (up: boolean) => void
  /** Told of each message that could not be sent or read. */
  readonly onDropped: (direction: 'out' | 'in', error: unknown) => void
}

// Attempts (ms): 100, 200, 400, 800, 1,600, then every 2 s, for ever.
const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** attempt, 2_000)

/**
 * Links the nodes through Redis, for what is not in the log. Redis may be away at the start and at any time later: then
 * messages reach the sockets of this node only, are counted as dropped for the others, and nothing waits or piles up.
 */
export const createRedisLink = (options: RedisLinkOptions): RedisLink => {
  // Not known before the first answer, or the first failure: a Redis that is away at the start is told of, too.
  let up: boolean | undefined
  let closing = false

  // What cannot be sent now is dropped: an old message that arrives after an outage is worse than none.
  const commands = new Redis(options.url, {
    retryStrategy,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    connectTimeout: 2_000,
    keepAlive: 5_000,
  })
  const subscriber = new Redis(options.url, {
    retryStrategy,
    autoResubscribe: true,
    maxRetriesPerRequest: null,
    connectTimeout: 2_000,
    keepAlive: 5_000,
  })
  const handlers = new Map<string, (text: string) => void>()

  const setUp = (next: boolean): void => {
    if (next === up || closing) return
    up = next
    options.onState(next)
  }
  const bothReady = (): boolean => commands.status === 'ready' && subscriber.status === 'ready'
  for (const client of [commands, subscriber]) {
    // ioredis reports each failed attempt; the change of state is what we tell.
    const onTrouble = (): void => {
      setUp(bothReady())
    }
    client.on('error', onTrouble)
    client.on('close', onTrouble)
    // At the start one of the two is ready first, which is no trouble.
    client.on('ready', () => {
      if (bothReady()) setUp(true)
    })
  }
  subscriber.on('message', (channel: string, text: string) => {
    try {
      handlers.get(channel)?.(text)
    } catch (error) {
      options.onDropped('in', error)
    }
  })

  const publish = async (channel: string, text: string | Buffer): Promise<number> => {
    try {
      return await commands.publish(channel, text)
    } catch (error) {
      if (!closing) options.onDropped('out', error)
      return 0
    }
  }

  const close = async (): Promise<void> => {
    closing = true
    for (const client of [commands, subscriber]) client.disconnect()
    await Promise.resolve()
  }

  return {
    adapter: createAdapter(
      guarded(commands, { publish }),
      guarded(subscriber, {
        // The adapter neither awaits these nor survives a message that it cannot decode.
        psubscribe: (...patterns: string[]) => subscriber.psubscribe(...patterns).catch(ignore),
        subscribe: (channels: string[]) => subscriber.subscribe(...channels).catch(ignore),
        punsubscribe: (...patterns: string[]) => subscriber.punsubscribe(...patterns).catch(ignore),
        unsubscribe: (...channels: string[]) => subscriber.unsubscribe(...channels).catch(ignore),
        on: (event: string, listener: (...args: unknown[]) => unknown) =>
          subscriber.on(event, (...args: unknown[]) => {
            Promise.resolve(!event.endsWith('messageBuffer') || options.mayDeliver())
              .then((may) => (may ? listener.apply(subscriber, args) : undefined))
              .catch((error: unknown) => {
                options.onDropped('in', error)
              })
          }),
      }),
    ),
    publish,
    subscribe(channel, onText) {
      handlers.set(channel, onText)
      subscriber.subscribe(channel).catch(ignore)
    },
    commands,
    isUp: () => up === true,
    close,
  }
}

/** The client with some methods replaced; the rest goes to the client itself. */
const guarded = (client: Redis, replaced: Readonly<Record<string, unknown>>): Redis =>
  new Proxy(client, {
    get(target, property) {
      if (typeof property === 'string' && Object.hasOwn(replaced, property))
        return replaced[property]
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })

const ignore = (): void => {
  // A subscription that fails is made again by ioredis as soon as Redis is back.
}
