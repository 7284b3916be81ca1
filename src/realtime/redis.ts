import { randomUUID } from 'node:crypto'
import type { RedisState } from '../ports/redis-state.js'
import { connectRedis } from './redis-connections.js'
import { createRedisProbe } from './redis-probe.js'
import { watchRedis } from './redis-watch.js'

/**
 * What the nodes of one service share through Redis. Every channel and key is under the name of the service: callers name
 * what follows it, and nothing else in the program sees a connection.
 */
export interface RedisLink {
  /** Publishes on a channel; resolves to how many nodes got it, 0 while Redis is away. */
  readonly publish: (channel: string, message: string | Buffer) => Promise<number>
  /** Calls `onMessage` for what is published on `channel`; several may listen to one. */
  readonly subscribe: (channel: string, onMessage: (message: Buffer) => void) => void
  /** How many nodes listen to the channel. */
  readonly receivers: (channel: string) => Promise<number>
  /** Runs a script with one key; fails at once while Redis is away, as do the next two. */
  readonly script: (script: string, key: string, ...args: (string | number)[]) => Promise<unknown>
  /** Members of a sorted set from the score on. */
  readonly membersFrom: (key: string, score: number) => Promise<string[]>
  readonly removeMember: (key: string, member: string) => Promise<unknown>
  /** Calls the listener whenever keys may be new: a restarted Redis has forgotten them. */
  readonly onConnected: (listener: () => void) => void
  readonly state: () => RedisState
  /** Whether keys can be written now. */
  readonly hasKeys: () => boolean
  /** Goes on under the name of another service, as when the database was restored below running nodes. */
  readonly moveTo: (service: string) => void
  readonly close: () => Promise<void>
}

export interface RedisLinkOptions {
  readonly url: string
  /** What makes nodes one service; two that share Redis and differ in it never meet. */
  readonly service: string
  /** Longest time between two looks at what we rely on. Default 2,000 ms. */
  readonly lookEveryMs?: number
  /** Told the first state that is found, then each that differs from the one before. */
  readonly onState: (state: RedisState) => void
  /** Told of each message that could not be sent or read. */
  readonly onDropped: (direction: 'out' | 'in', error: unknown) => void
}

/**
 * Links the nodes through Redis, for what is not in the log. Redis may be away at the start and at any time later: then
 * messages reach the sockets of this node only, are counted as dropped for the others, and nothing waits or piles up.
 */
export const createRedisLink = (options: RedisLinkOptions): RedisLink => {
  const { url, onState, onDropped } = options
  let { service } = options
  /** The one place where a name on Redis is made. */
  const nameOf = (rest: string): string => `uzima:${service}:${rest}`
  const listeners = new Map<string, ((message: Buffer) => void)[]>()
  const connectedListeners: (() => void)[] = []
  let subscribed = false
  let closing = false

  const connections = connectRedis(url, (client, ready) => {
    if (closing) return
    if (client === 'subscriber') subscribed = false
    if (ready && client === 'subscriber') resubscribe().catch(leaveToProbe)
    if (ready && client === 'commands') for (const listener of connectedListeners) listener()
    watch.look()
  })
  const { commands, subscriber } = connections

  const resubscribe = async (): Promise<void> => {
    const channels = [...listeners.keys()].map(nameOf)
    await subscriber.subscribe(...channels)
    subscribed = channels.length === listeners.size
  }
  const subscribe: RedisLink['subscribe'] = (channel, onMessage) => {
    const others = listeners.get(channel)
    listeners.set(channel, [...(others ?? []), onMessage])
    if (others !== undefined) return
    subscribed = false
    if (subscriber.status === 'ready') resubscribe().catch(leaveToProbe)
  }
  subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
    const own = channel.toString()
    const prefix = nameOf('')
    if (!own.startsWith(prefix)) return
    for (const listener of listeners.get(own.slice(prefix.length)) ?? []) {
      try {
        listener(message)
      } catch (error) {
        onDropped('in', error)
      }
    }
  })

  const publish: RedisLink['publish'] = async (channel, message) => {
    try {
      return await commands.publish(nameOf(channel), message)
    } catch (error) {
      if (!closing) onDropped('out', error)
      return 0
    }
  }
  const script: RedisLink['script'] = (text, key, ...args) =>
    commands.eval(text, 1, nameOf(key), ...args)

  const own = `probe:${randomUUID()}`
  const watch = watchRedis({
    everyMs: options.lookEveryMs,
    probe: createRedisProbe({
      url,
      connections,
      subscribe: async () => {
        if (!subscribed) await resubscribe()
      },
      listen: (onMessage) => {
        subscribe(own, onMessage)
      },
      publish: (message) => commands.publish(nameOf(own), message),
      script: (text) => script(text, 'probe'),
    }),
    onState,
    onSilent: () => {
      for (const client of [commands, subscriber]) client.disconnect(true)
    },
  })

  return {
    publish,
    subscribe,
    async receivers(channel) {
      const [, count] = (await commands.pubsub('NUMSUB', nameOf(channel))) as [string, number]
      return count
    },
    script,
    membersFrom: (key, score) => commands.zrangebyscore(nameOf(key), score, '+inf'),
    removeMember: (key, member) => commands.zrem(nameOf(key), member),
    onConnected(listener) {
      connectedListeners.push(listener)
    },
    state: () =>
      connections.areReady()
        ? watch.state()
        : { ...watch.state(), state: 'down', messages: false, keys: false },
    hasKeys: () => commands.status === 'ready' && watch.state().keys,
    moveTo(next) {
      if (next === service) return
      const before = [...listeners.keys()].map(nameOf)
      service = next
      subscribed = false
      if (subscriber.status === 'ready') subscriber.unsubscribe(...before).catch(leaveToProbe)
      if (subscriber.status === 'ready') resubscribe().catch(leaveToProbe)
      for (const listener of connectedListeners) listener()
      watch.look()
    },
    async close() {
      closing = true
      watch.stop()
      connections.close()
      await Promise.resolve()
    },
  }
}

const leaveToProbe = (): void => {
  // The probe, which runs next, subscribes again and tells why it cannot.
}
