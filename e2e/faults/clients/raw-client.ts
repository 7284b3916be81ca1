import type { Random } from '../../rig/random.js'
import type { RigNode } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import { createFollower, type Follower, type FollowerOptions } from './follower.js'
import { openWire, type Wire } from '../../rig/wire.js'

/** A client that can be left alone: it comes back by itself until it is stopped. */
export interface Client {
  readonly follower: Pick<Follower, 'client' | 'userId' | 'replica' | 'final'>
  readonly stop: () => void
}

export interface RawClientOptions extends FollowerOptions {
  readonly nodes: readonly RigNode[]
  readonly tokens: TokenBook
  readonly random: Random
}

const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 2_000
const ASK_FOR_TOKEN_EVERY_MS = 250
const READING_MS: readonly [number, number] = [8_000, 15_000]
const NOT_READING_MS: readonly [number, number] = [3_000, 10_000]

/** Connects with `ws` alone: back-off, the next node after a failure, its position in the handshake. */
export const startRawClient = (options: RawClientOptions): Client => {
  const { nodes, tokens, random, kind, userId } = options
  const state: {
    wire?: Wire | undefined
    timer?: NodeJS.Timeout
    dawdling?: NodeJS.Timeout
    stopped: boolean
  } = { stopped: false }
  let retryMs = FIRST_RETRY_MS
  let nodeIndex = random.int(0, nodes.length - 1)
  let refusedAt: number | undefined
  const follower = createFollower({
    ...options,
    onConnected: () => {
      retryMs = FIRST_RETRY_MS
      if (kind === 'slow') dawdle(state.wire)
    },
  })

  const connect = (): void => {
    if (state.stopped) return
    const { token, at } = tokens.of(userId)
    // The last token was refused for good: only a new one can change that.
    if (refusedAt === at) {
      later(connect, ASK_FOR_TOKEN_EVERY_MS)
      return
    }
    const node = nodes[nodeIndex % nodes.length]
    if (node === undefined) throw new Error('There is no node to connect to.')
    const attempt = follower.attempt(node.name, at)
    const wire = openWire(
      node.url,
      { userAgent: attempt },
      {
        onOpen: () => {
          const position = follower.replica.position()
          wire.connect({ token, ...(position === undefined ? {} : { position }) })
        },
        onEvent: (name, text) => {
          follower.event(attempt, name, text)
        },
        onRefused: (code) => {
          follower.refused(attempt, code)
          refusedAt = at
          wire.end('refused')
        },
        onEnd: (reason) => {
          state.wire = undefined
          follower.ended(attempt, reason)
          nodeIndex += 1
          later(connect, retryMs * (0.5 + random.next()))
          retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
        },
      },
    )
    state.wire = wire
  }

  const later = (work: () => void, delayMs: number): void => {
    clearTimeout(state.timer)
    if (!state.stopped) state.timer = setTimeout(work, delayMs)
  }

  /** Reads for a while, then not, as long as the connection lasts. */
  const dawdle = (wire: Wire | undefined): void => {
    if (wire === undefined || state.stopped || state.wire !== wire) return
    const pause = (): void => {
      wire.pause()
      state.dawdling = setTimeout(readOn, random.int(...NOT_READING_MS))
    }
    const readOn = (): void => {
      wire.resume()
      dawdle(wire)
    }
    clearTimeout(state.dawdling)
    state.dawdling = setTimeout(pause, random.int(...READING_MS))
  }

  connect()
  return {
    follower,
    stop() {
      state.stopped = true
      clearTimeout(state.timer)
      clearTimeout(state.dawdling)
      state.wire?.end('stopped')
    },
  }
}
