import type { Config } from '../../config/schema.js'
import { fail, ok, type Finding } from './finding.js'

/** Redis, by doing what a node does with it. */
export const checkRedisUrl = async ({ redisUrl }: Config): Promise<Finding[]> => {
  if (redisUrl === undefined) return [ok('redis', 'not used: REDIS_URL is not set')]
  // Loaded when it is needed: the other commands start without it.
  const { checkRedis } = await import('../../realtime/redis-check.js')
  const { state, says } = await checkRedis(redisUrl)
  return [state === 'up' ? ok('redis', says) : fail('redis', `${says}.`)]
}
