import { createRandom } from '../rig/random.js'
import type { CorpusWorld, HostileCase } from './case.js'
import { hostileHandshakes } from './handshakes.js'
import { hostilePackets } from './packets.js'
import { hostileRequests } from './requests.js'

/** Every case of every class, in an order that the seed decides. */
export const createCorpus = (seed: number, world: CorpusWorld): readonly HostileCase[] => {
  const random = createRandom(seed)
  return random
    .fork('order')
    .shuffled([
      ...hostileRequests(world, random.fork('requests')),
      ...hostileHandshakes(world, random.fork('handshakes')),
      ...hostilePackets(world, random.fork('packets')),
    ])
}

/** What a case counts as: each forged handshake by itself, though three share a connection. */
export const sizeOf = ({ attempts = 0 }: HostileCase): number => Math.max(attempts, 1)
