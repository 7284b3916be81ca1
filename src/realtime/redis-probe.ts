import { randomUUID } from 'node:crypto'
import type { RedisReason } from '../ports/redis-state.js'
import type { RedisConnections } from './redis-connections.js'
import { diagnose } from './redis-diagnosis.js'
import { reasonOf, type RedisPart } from './redis-trouble.js'
import type { ProbeResult } from './redis-watch.js'

export interface ProbeOptions {
  readonly url: string
  readonly connections: RedisConnections
  /** Subscribes to what is not subscribed to yet. */
  readonly subscribe: () => Promise<void>
  /** Listens to, publishes on, a channel that only this node has. */
  readonly listen: (onMessage: (message: Buffer) => void) => void
  readonly publish: (message: string) => Promise<unknown>
  /** Runs a script on a key of the probe's. */
  readonly script: (script: string) => Promise<unknown>
}

/**
 * Every command that places and presence use, so that a right that is missing is missed here. ZADD comes first: a script
 * that has written may go on where memory is full.
 */
const ALL_COMMANDS = `
  local now = redis.call('TIME')[1]
  redis.call('ZADD', KEYS[1], now + 10, 'probe')
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  redis.call('PEXPIRE', KEYS[1], 10000)
  redis.call('ZSCORE', KEYS[1], 'probe')
  redis.call('ZCARD', KEYS[1])
  redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')
  return redis.call('ZREM', KEYS[1], 'probe')`

const RECEIVE_WITHIN_MS = 1_000
const DIAGNOSE_EVERY_MS = 5_000

/** Does what we rely on, and tells what of it fails and why, undefined for not known yet: two commands a look. */
export const createRedisProbe = (
  options: ProbeOptions,
): (() => Promise<ProbeResult | undefined>) => {
  const { connections } = options
  let awaited: { readonly text: string; readonly received: () => void } | undefined
  let found: { readonly reason: RedisReason | undefined; readonly untilMs: number } | undefined
  options.listen((message) => {
    if (message.toString() === awaited?.text) awaited.received()
  })

  /** Undefined where it works. */
  const failureOf = async (
    part: RedisPart,
    work: Promise<unknown>,
  ): Promise<RedisReason | undefined> => {
    try {
      await work
      return undefined
    } catch (error) {
      return reasonOf(error, part) ?? 'failed'
    }
  }

  const messages = async (): Promise<RedisReason | undefined> => {
    const refused = await failureOf('subscribe', options.subscribe())
    if (refused !== undefined) return refused
    const text = randomUUID()
    let timer: NodeJS.Timeout | undefined
    const received = new Promise<boolean>((resolve) => {
      awaited = {
        text,
        received: () => {
          resolve(true)
        },
      }
      timer = setTimeout(resolve, RECEIVE_WITHIN_MS, false)
    })
    const failure = await failureOf('publish', options.publish(text))
    const isThrough = failure === undefined && (await received)
    clearTimeout(timer)
    return failure ?? (isThrough ? undefined : 'no_answer')
  }

  const whyAway = async (): Promise<ProbeResult | undefined> => {
    const failingForMs = connections.failingForMs()
    if (failingForMs === 0) return undefined
    const now = performance.now()
    if (found === undefined || now > found.untilMs) {
      found = { reason: await diagnose(options.url), untilMs: now + DIAGNOSE_EVERY_MS }
    }
    // Asked last: a connection that was tried meanwhile may know better.
    const reason = connections.trouble() ?? found.reason
    if (reason !== undefined) return { messages: reason, keys: reason }
    return failingForMs < DIAGNOSE_EVERY_MS ? undefined : { messages: 'failed', keys: 'failed' }
  }

  return async () => {
    if (!connections.areReady()) return whyAway()
    const changes = connections.changes()
    const [sent, written] = await Promise.all([
      messages(),
      failureOf('keys', options.script(ALL_COMMANDS)),
    ])
    // What failed may have been the old connection; the next look comes with the change.
    if (connections.changes() !== changes) return undefined
    found = undefined
    return { messages: sent, keys: written, remark: connections.trouble() }
  }
}
