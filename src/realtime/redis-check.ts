import type { RedisState } from '../ports/redis-state.js'
import { createRedisLink } from './redis.js'
import { describeRedis } from './redis-trouble.js'

/** How Redis is, and that in a sentence. */
export interface RedisVerdict {
  readonly state: RedisState['state']
  readonly says: string
}

/** Under the names of services, and no service's: 32 hexadecimal digits are. */
const NOBODY = 'check'
const SETTLED_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 250

/** Does what a node relies on, once, under a name that no service has, and leaves nothing there. */
export const checkRedis = async (url: string): Promise<RedisVerdict> => {
  const state = await new Promise<RedisState>((resolve) => {
    const link = createRedisLink({
      url,
      service: NOBODY,
      lookEveryMs: LOOK_EVERY_MS,
      onState: (found) => {
        end(found)
      },
      onDropped: () => {
        // Nothing is sent.
      },
    })
    const end = (found: RedisState): void => {
      clearTimeout(timer)
      void link.close()
      resolve(found)
    }
    const timer = setTimeout(() => {
      end({ ...link.state(), state: 'down', reason: 'no_answer' })
    }, SETTLED_WITHIN_MS)
  })
  return { state: state.state, says: describeRedis(state) }
}
