import { ERRORS, isErrorCode } from '@uzima/contracts'
import { createRealtimeClient, type ConnectionStatus } from '@uzima/client'
import { isFeed } from '../feeds.js'
import { createReplica, textHash, type ItemState } from './replica.js'
import type { Client, RawClientOptions } from './raw-client.js'

const ASK_FOR_TOKEN_EVERY_MS = 250

/** Our own client with its defaults; it stays with one node and comes back by itself, and with a new token where it must. */
export const startPackageClient = (options: RawClientOptions): Client => {
  const { client, kind, userId, nodes, tokens, random, recorder } = options
  const node = random.pick(nodes)
  const replica = createReplica()
  let attempts = 0
  let attempt = ''
  let isIn = false
  let refusedAt: number | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const getToken = (): string => {
    end(realtime.status())
    const { token, at } = tokens.of(userId)
    attempts += 1
    attempt = `rig/${client}/${String(attempts)}`
    const claimed = realtime.position() ?? null
    refusedAt = at
    recorder.add({
      op: 'attempt',
      client,
      attempt,
      kind,
      node: node.name,
      userId,
      tokenAt: at,
      claimed,
    })
    return token
  }

  /** A status is told for many reasons; an attempt that failed on the way is over when the next one begins. */
  const onStatus = (status: ConnectionStatus): void => {
    const isLost = isIn && status.phase !== 'connected'
    if (isLost || status.phase === 'disconnected') end(status)
  }

  const end = ({ code, reason }: ConnectionStatus): void => {
    if (attempt === '') return
    const wasIn = isIn
    isIn = false
    if (isErrorCode(code)) {
      recorder.add({ op: wasIn ? 'closing' : 'refused', client, attempt, code })
    }
    recorder.add({
      op: 'disconnected',
      client,
      attempt,
      reason: code === 'STOPPED' ? 'stopped' : reason,
    })
    attempt = ''
    if (isErrorCode(code) && ERRORS[code].comeBack === 'no') startAgain()
  }

  /** A final refusal stops the client, as it should; only a new token changes that. */
  const startAgain = (): void => {
    if (stopped) return
    if (tokens.of(userId).at === refusedAt) timer = setTimeout(startAgain, ASK_FOR_TOKEN_EVERY_MS)
    else realtime.start()
  }

  const realtime = createRealtimeClient({
    url: node.url,
    getToken,
    random: random.next,
    loadSnapshot: async () => {
      replica.expectSnapshot()
      return options.readSnapshot(userId)
    },
    onSnapshot: ({ position, items }) => {
      const applied = replica.load(position, items)
      recorder.add({ op: 'snapshot', client, attempt, position, applied })
    },
    onEvent: ({ name, payload }) => {
      // Nobody takes a role in an emergency there.
      if (!isFeed(name)) return
      const text = JSON.stringify(payload)
      const { seq, item } = JSON.parse(text) as { seq: number; item?: ItemState }
      const applied = replica.take(seq, item)
      recorder.add({ op: 'packet', client, attempt, seq, name, hash: textHash(text), applied })
    },
    onMessage: (_event, data) => {
      recorder.add({ op: 'message', client, attempt, bytes: JSON.stringify(data).length })
    },
    onReset: ({ position, reason }) => {
      recorder.add({ op: 'reset', client, attempt, position, reason })
    },
    onConnected: ({ position, resumed, role }) => {
      if (position === null) throw new Error('A service with a log tells a position.')
      isIn = true
      recorder.add({ op: 'connected', client, attempt, position, resumed, role })
      replica.begin(position)
    },
    onRole: (role) => {
      recorder.add({ op: 'role', client, attempt, role, seq: 0 })
    },
    onStatus,
  })

  realtime.start()
  return {
    follower: {
      client,
      userId,
      replica: {
        ...replica,
        // What it stands for is what the package says: between two snapshots it has none.
        position: realtime.position,
        isWaiting: () => !realtime.status().synced,
      },
      final: () => {
        const seq = realtime.position()?.seq ?? 0
        recorder.add({ op: 'final', client, userId, seq, stateHash: replica.stateHash() })
      },
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      realtime.stop()
    },
  }
}
