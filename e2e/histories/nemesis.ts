import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../rig/random.js'
import type { Cluster } from './cluster.js'

const KINDS = ['kill', 'pause', 'clock', 'redis'] as const
type FaultKind = (typeof KINDS)[number]

/** What was done to the cluster: milliseconds since 1970. */
export interface Fault {
  readonly kind: FaultKind
  readonly node: string
  readonly at: number
  until: number
}

/** One fault after the other until `endsAt`; everything is well again when it resolves. */
export const makeTrouble = async (
  { nodes, stores }: Cluster,
  random: Random,
  endsAt: number,
  faults: Fault[],
): Promise<void> => {
  await delay(random.int(500, 1_500))
  while (Date.now() < endsAt) {
    const node = random.pick(nodes)
    const kind = random.pick(KINDS)
    const fault: Fault = { kind, node: node.name, at: Date.now(), until: Number.POSITIVE_INFINITY }
    faults.push(fault)
    if (kind === 'kill') {
      await node.kill9()
      await delay(random.int(0, 500))
      await node.start()
    } else if (kind === 'pause') {
      node.pause()
      await delay(random.int(100, 2_500))
      node.resume()
    } else if (kind === 'clock') {
      await node.clock.step(random.pick([-1, 1]) * random.pick([1, 5, 30, 600]))
      await delay(random.int(1_000, 3_000))
      if (random.chance(0.5)) await node.clock.step(random.int(-20, 20))
      await delay(random.int(0, 1_000))
      await node.clock.step(0)
    } else {
      await stores.redis.kill9()
      await delay(random.int(0, 1_000))
      await stores.redis.restart()
    }
    fault.until = Date.now()
    await delay(random.int(300, 1_500))
  }
}
