import { openFollowedWire } from '../clients/followed-wire.js'
import { createFollower, type FollowerOptions } from '../clients/follower.js'
import type { Random } from '../../rig/random.js'
import type { RigUser } from '../rig/population.js'
import type { RigNode } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import type { LogIns } from './log-ins.js'
import { every, pause, type Worker } from './pace.js'

export interface NewcomersOptions extends Pick<FollowerOptions, 'recorder' | 'readSnapshot'> {
  readonly nodes: readonly RigNode[]
  readonly logIns: LogIns
  readonly tokens: TokenBook
  readonly random: Random
  readonly users: readonly RigUser[]
}

const EVERY_MS = 3_000
const STAYS_MS: readonly [number, number] = [1_000, 6_000]

/** Now and then somebody logs in, follows the stock for a while on one connection, and goes. */
export const startNewcomers = (options: NewcomersOptions): Worker => {
  const { nodes, logIns, tokens, random, users, recorder } = options
  let visits = 0

  const visit = async (): Promise<void> => {
    const node = random.pick(nodes)
    const user = random.pick(users)
    const staysMs = random.int(...STAYS_MS)
    const { status, tookMs } = await logIns.logIn(node, user)
    recorder.add({ op: 'log-in', who: 'newcomer', node: node.name, status, tookMs })
    if (status !== 200) return
    visits += 1
    const follower = createFollower({
      client: `newcomer-${String(visits)}`,
      kind: 'newcomer',
      userId: user.id,
      recorder,
      readSnapshot: options.readSnapshot,
    })
    const wire = openFollowedWire(node, follower, tokens.of(user.id))
    await pause(staysMs)
    wire.end('left')
  }

  return every(
    () => EVERY_MS,
    async () => {
      if (users.length > 0) await visit()
    },
  )
}
