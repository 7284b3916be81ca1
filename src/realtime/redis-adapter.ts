import { createAdapter } from '@socket.io/redis-adapter'
import type { RedisLink } from './redis.js'

export interface AdapterOptions {
  /** Whether what comes from other nodes may be passed on; it is held until that is known. Never rejects. */
  readonly mayDeliver: () => true | Promise<boolean>
  /** Told of what cannot be read. */
  readonly onUnreadable: (error: unknown) => void
}

/**
 * Factory for Socket.IO's `adapter` option. The adapter is handed what it uses of two Redis clients and nothing more, so
 * that its channels get their names from the link, and one channel serves all rooms of a namespace: a subscription by
 * pattern would need an ACL that spells out that very pattern.
 */
export const createLinkAdapter = (
  link: Pick<RedisLink, 'publish' | 'subscribe' | 'receivers'>,
  { mayDeliver, onUnreadable }: AdapterOptions,
): ReturnType<typeof createAdapter> => {
  const listenersOf = { pmessageBuffer: new Set<Listener>(), messageBuffer: new Set<Listener>() }

  const hear = (channel: string): void => {
    const own = baseOf(channel)
    link.subscribe(own, (message) => {
      const may = Promise.resolve(mayDeliver())
      const name = Buffer.from(own)
      // The adapter takes broadcasts from its pattern, and requests and answers from their channels.
      const isBroadcast = own.startsWith('socket.io#')
      const args = isBroadcast ? [name, name, message] : [name, message]
      for (const listener of listenersOf[isBroadcast ? 'pmessageBuffer' : 'messageBuffer']) {
        // It survives no message that it cannot decode.
        may.then((isAllowed) => (isAllowed ? listener(...args) : undefined)).catch(onUnreadable)
      }
    })
  }

  const publisher = {
    publish: (channel: string, message: string | Buffer) => link.publish(baseOf(channel), message),
    /** `PUBSUB NUMSUB`, the only command that the adapter sends by name; it takes a callback. */
    send_command: (
      _command: string,
      [, channel = '']: readonly string[],
      answer: (error: unknown, counts?: readonly [string, number]) => void,
    ) => {
      link.receivers(baseOf(channel)).then((count) => {
        answer(null, [channel, count])
      }, answer)
    },
    on: ignore,
    off: ignore,
  }
  const subscriber = {
    psubscribe: hear,
    subscribe: (channels: readonly string[]) => {
      channels.forEach(hear)
    },
    // A namespace lives as long as the server.
    punsubscribe: ignore,
    unsubscribe: ignore,
    on: (event: string, listener: Listener) => {
      if (event === 'pmessageBuffer' || event === 'messageBuffer') listenersOf[event].add(listener)
    },
    off: (event: string, listener: Listener) => {
      if (event === 'pmessageBuffer' || event === 'messageBuffer')
        listenersOf[event].delete(listener)
    },
  }
  return createAdapter(publisher, subscriber)
}

type Listener = (...args: readonly Buffer[]) => unknown

/** `socket.io#/#room#` and `socket.io#/#*` become `socket.io#/#`. */
const baseOf = (channel: string): string => {
  const namespaceAt = channel.indexOf('#') + 1
  return channel.slice(0, channel.indexOf('#', namespaceAt) + 1)
}

const ignore = (): void => {
  // Errors of the connections are the link's.
}
