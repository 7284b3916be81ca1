import { Redis } from 'ioredis'
import { createRedisLink } from '../../src/realtime/redis.js'
import { describeRedis } from '../../src/realtime/redis-trouble.js'

/** A link that keeps what it tells of Redis: the state with its reason, and the words of the log. */
export const linkTo = (url: string) => {
  const told: string[] = []
  const words: string[] = []
  const link = createRedisLink({
    url,
    service: 'test',
    lookEveryMs: 100,
    onState: (state) => {
      told.push([state.state, state.reason].filter((part) => part !== undefined).join(' '))
      words.push(describeRedis(state))
    },
    onDropped: () => undefined,
  })
  return { link, told, words, [Symbol.asyncDispose]: link.close }
}

/** A client of the operator's. */
export const operatorOf = (url: string, options: { readonly password?: string } = {}) => {
  const redis = new Redis(url, { ...options, lazyConnect: false })
  redis.on('error', () => undefined)
  const run = (line: string | readonly string[]): Promise<unknown> => {
    const [command = '', ...args] = typeof line === 'string' ? line.split(' ') : line
    return redis.call(command, ...args)
  }
  const sum = (info: string, names: readonly string[]): number =>
    names.reduce(
      (total, name) => total + Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0),
      0,
    )
  /** Grows with whatever anybody asks of this Redis, or tries to. */
  const attempts = async (): Promise<number> =>
    sum(await redis.info('stats'), [
      'total_connections_received',
      'total_commands_processed',
      'rejected_connections',
      'total_error_replies',
    ])
  return {
    run,
    attempts,
    [Symbol.dispose]: () => {
      redis.disconnect()
    },
  }
}
