import { randomBytes } from 'node:crypto'
import type { Recorder } from '../history.js'
import type { Random } from '../../rig/random.js'
import type { RigNode } from '../rig/rig.js'
import { signToken } from '../../rig/tokens.js'
import { openWire } from '../../rig/wire.js'

export interface Ghosts {
  readonly stop: () => void
}

export interface GhostOptions {
  readonly nodes: readonly RigNode[]
  readonly recorder: Recorder
  readonly random: Random
  readonly secret: string
  readonly userId: string
  /** How many are there at a time. */
  readonly count: number
}

const LIFETIME_MS: readonly [number, number] = [500, 3_000]

/** What each kind sends once the engine is open. */
const KINDS: Readonly<Record<string, (ghost: GhostOptions) => readonly string[]>> = {
  'no token': () => ['40'],
  'empty auth': () => ['40{}'],
  'not a token': () => ['40{"token":"not.a.token"}'],
  'token is an object': () => ['40{"token":{"$ne":null}}'],
  'expired token': ({ secret, userId }) => [
    auth(signToken(secret, userId, { issuedAt: Date.now() - 7_200_000, lifetimeMs: 60_000 })),
  ],
  'forged token': ({ userId }) => [auth(signToken(randomBytes(48).toString('base64'), userId))],
  'unknown user': ({ secret }) => [auth(signToken(secret, '00000000-0000-4000-8000-000000000000'))],
  'events before CONNECT': () => ['42["auth:refresh",{"token":"x"}]'],
  'another namespace': () => ['40/admin,{"token":"x"}'],
  'recovery of a session': () => [
    '40{"token":"x","pid":"aaaaaaaaaaaaaaaaaaaa","offset":"bbbbbbbbbb"}',
  ],
  'nothing at all': () => [],
}

const auth = (token: string): string => `40${JSON.stringify({ token })}`

/** Keeps connections coming that never authenticate, and puts every frame that they get on record. */
export const startGhosts = (options: GhostOptions): Ghosts => {
  const { nodes, recorder, random, count } = options
  const ends = new Set<() => void>()
  const timers = new Set<NodeJS.Timeout>()
  let stopped = false
  let attempts = 0

  const haunt = (client: string): void => {
    if (stopped) return
    attempts += 1
    const attempt = `rig/${client}/${String(attempts)}`
    const kind = random.pick(Object.keys(KINDS))
    const node = random.pick(nodes)
    const frames = KINDS[kind]?.(options) ?? []
    recorder.add({
      op: 'attempt',
      client,
      attempt,
      kind: 'ghost',
      node: node.name,
      userId: null,
      tokenAt: null,
      claimed: null,
    })
    const wire = openWire(
      node.url,
      // Strangers come from everywhere: what one fails to do is not held against the others, who share an address.
      {
        userAgent: attempt,
        from: `10.255.${String((attempts >> 8) & 255)}.${String(attempts & 255)}`,
      },
      {
        onFrame: (frame) => {
          recorder.add({ op: 'ghost', client, attempt, kind, frame })
        },
        onOpen: () => {
          for (const frame of frames) wire.send(frame)
        },
        onRefused: (code) => {
          recorder.add({ op: 'refused', client, attempt, code })
        },
        onEnd: (reason) => {
          ends.delete(end)
          recorder.add({ op: 'disconnected', client, attempt, reason })
          after(random.int(...LIFETIME_MS), () => {
            haunt(client)
          })
        },
      },
    )
    const end = (): void => {
      wire.end('left')
    }
    ends.add(end)
    after(random.int(...LIFETIME_MS), end)
  }

  const after = (delayMs: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (!stopped) work()
    }, delayMs)
    timers.add(timer)
  }

  for (let index = 1; index <= count; index += 1) haunt(`ghost-${String(index)}`)

  return {
    stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
      for (const end of [...ends]) end()
    },
  }
}
