import { openFollowedWire } from '../clients/followed-wire.js'
import { createFollower } from '../clients/follower.js'
import type { Wire } from '../../rig/wire.js'
import type { Recorder } from '../history.js'
import type { Random } from '../../rig/random.js'
import type { RigUser } from '../rig/population.js'
import type { RigNode } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import { pause } from './pace.js'

export interface RacerOptions {
  readonly nodes: readonly RigNode[]
  readonly user: RigUser
  readonly tokens: TokenBook
  readonly recorder: Recorder
  readonly random: Random
}

const RACERS = 12
const SPREAD_MS = 500

/**
 * Starts connections of one user, spread over the time in which his right is taken, with the token that he has now. They
 * stay as long as they are let, so that one that slipped through would be seen. Returns what ends them.
 */
export const startRacers = (options: RacerOptions): (() => Promise<void>) => {
  const { nodes, user, tokens, recorder, random } = options
  const issued = tokens.of(user.id)
  const wires = new Set<Wire>()
  const name = `racer-${user.username}-${String(Math.round(recorder.now()))}`

  const race = async (index: number): Promise<void> => {
    await pause(random.next() * SPREAD_MS)
    const node = random.pick(nodes)
    const follower = createFollower({
      client: `${name}-${String(index)}`,
      kind: 'racer',
      userId: user.id,
      recorder,
      readSnapshot: () => Promise.reject(new Error('A racer reads no snapshot.')),
    })
    // Whoever comes too late fails, which is not held against the others of an address.
    const from = `10.254.${String(random.int(0, 255))}.${String(random.int(0, 255))}`
    const onEnd = (): boolean => wires.delete(wire)
    const wire = openFollowedWire(node, follower, issued, { from, onEnd })
    wires.add(wire)
  }

  const racing = Array.from({ length: RACERS }, (_, index) => race(index + 1))
  return async () => {
    await Promise.all(racing)
    for (const wire of [...wires]) wire.end('left')
  }
}
