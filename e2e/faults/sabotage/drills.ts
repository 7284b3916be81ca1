import { openFollowedWire } from '../clients/followed-wire.js'
import { createFollower } from '../clients/follower.js'
import { waitUntil } from '../../rig/timing.js'
import { openWire } from '../../rig/wire.js'
import type { Position } from '../history.js'
import type { DrillWorld } from '../run.js'
import { pause } from '../workload/pace.js'
import { createRest } from '../../rig/rest.js'

export type Drill = (world: DrillWorld) => Promise<void>

interface Connected {
  readonly position: Position
  readonly resumed: boolean
  readonly role: string
}

const MESSAGES = 400
const MESSAGE_BYTES = 60_000
const PATIENCE_MS = 10_000

/** Queues 24 MB for a client that does not read, takes its user's right, and lets it read again. */
export const floodThenRevoke = async ({ rig, crowd, recorder }: DrillWorld): Promise<void> => {
  const { tokens, population } = crowd
  const [user] = population.drilled
  const [node] = rig.nodes
  if (node === undefined) return
  const rest = createRest()
  let isConnected = false
  const follower = createFollower({
    client: 'flooded',
    kind: 'slow',
    userId: user.id,
    recorder,
    readSnapshot: () => Promise.reject(new Error('It reads no snapshot.')),
    onConnected: () => {
      isConnected = true
    },
  })
  const wire = openFollowedWire(node, follower, tokens.of(user.id))
  await until(() => isConnected)
  wire.pause()
  const body = {
    to: { userId: user.id },
    event: 'rig:flood',
    data: { text: 'x'.repeat(MESSAGE_BYTES) },
  }
  for (let sent = 0; sent < MESSAGES; sent += 1) {
    const adminToken = tokens.of(population.admin.id).token
    await rest({ url: node.url, method: 'POST', path: '/api/messages', token: adminToken, body })
  }
  const restored = crowd.revoker.strike(user, 'deactivate')
  await until(() => crowd.revoker.isAway(user.id))
  await pause(1_000)
  wire.resume()
  await restored
  await pause(3_000)
  wire.end('left')
  rest.close()
}

/** Comes back into Socket.IO's own recovery after its user was deactivated: it must hear nothing. */
export const recoverThenRevoke = async ({ rig, crowd, recorder }: DrillWorld): Promise<void> => {
  const { tokens, population } = crowd
  const [, user] = population.drilled
  const [node] = rig.nodes
  if (node === undefined) return
  const { token, at } = tokens.of(user.id)
  // What a client without that feature has to offer: made up.
  const session = { pid: 'aaaaaaaaaaaaaaaaaaaa', offset: 'bbbbbbbbbb' }
  let events = 0

  const attemptOf = (name: string, tokenAt: number | null): string => {
    const id = `rig/${name}`
    recorder.add({
      op: 'attempt',
      client: 'recovery',
      attempt: id,
      kind: tokenAt === null ? 'ghost' : 'racer',
      node: node.name,
      userId: tokenAt === null ? null : user.id,
      tokenAt,
      claimed: null,
    })
    return id
  }

  const first = openWire(
    node.url,
    { userAgent: attemptOf('recovery/1', at) },
    {
      onFrame: (frame) => {
        session.pid = /"pid":"([^"]+)"/.exec(frame)?.[1] ?? session.pid
        session.offset = /\},"([^"]+)"\]$/.exec(frame)?.[1] ?? session.offset
      },
      onOpen: () => {
        first.connect({ token })
      },
      onEvent: (name, text) => {
        if (name === 'connected') {
          const { position, resumed, role } = JSON.parse(text) as Connected
          const attempt = 'rig/recovery/1'
          recorder.add({ op: 'connected', client: 'recovery', attempt, position, resumed, role })
        } else {
          events += 1
        }
      },
    },
  )
  await until(() => events > 3)
  first.end('vanished')
  await pause(200)
  const restored = crowd.revoker.strike(user, 'deactivate')
  await until(() => crowd.revoker.isAway(user.id))
  await pause(500)
  const attempt = attemptOf('recovery/2', null)
  const second = openWire(
    node.url,
    { userAgent: attempt },
    {
      onFrame: (frame) => {
        recorder.add({ op: 'ghost', client: 'recovery', attempt, kind: 'recovery', frame })
      },
      onOpen: () => {
        second.connect({ token, ...session })
      },
      onRefused: (code) => {
        recorder.add({ op: 'refused', client: 'recovery', attempt, code })
      },
    },
  )
  await restored
  second.end('left')
}

const until = async (condition: () => boolean): Promise<void> => {
  if (!(await waitUntil(condition, PATIENCE_MS))) throw new Error('The drill waited in vain.')
}
