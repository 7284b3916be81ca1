import { isFeed } from '../feeds.js'
import type { ClientKind, FeedName, Position, Recorder } from '../history.js'
import { createReplica, textHash, type ItemState, type Replica } from './replica.js'

/** What a client does with what it hears, whatever library it hears it through. */
export interface Follower {
  readonly client: string
  readonly userId: string
  readonly replica: Replica
  /** Begins an attempt and puts it on record; returns its id. */
  readonly attempt: (node: string, tokenAt: number) => string
  readonly event: (attempt: string, name: string, text: string) => void
  readonly refused: (attempt: string, code: string) => void
  readonly ended: (attempt: string, reason: string) => void
  readonly final: () => void
}

export interface FollowerOptions {
  readonly client: string
  readonly kind: ClientKind
  readonly userId: string
  readonly recorder: Recorder
  /** Reads all items over REST; rejects where it cannot. */
  readonly readSnapshot: (
    userId: string,
  ) => Promise<{ position: Position; items: readonly ItemState[] }>
  /** Told when the session is there. */
  readonly onConnected?: (attempt: string) => void
  /** Told when the server says that it closes. */
  readonly onClosing?: (code: string) => void
}

const SNAPSHOT_RETRY_MS = 300

/** Follows the stock: keeps a position, drops what it knows, reads the snapshot where it is told to. */
export const createFollower = (options: FollowerOptions): Follower => {
  const { client, kind, userId, recorder } = options
  const replica = createReplica()
  let attempts = 0
  let live: string | undefined
  // At first, after a reset, and after a change of role, which may have opened a feed that was closed.
  let needsSnapshot = true

  const loadSnapshot = async (attempt: string): Promise<void> => {
    replica.expectSnapshot()
    while (live === attempt && needsSnapshot) {
      try {
        const { position, items } = await options.readSnapshot(userId)
        // The connection may have ended meanwhile; the compiler takes the check above for final.
        if ((live as string | undefined) !== attempt) return
        const applied = replica.load(position, items)
        needsSnapshot = false
        recorder.add({ op: 'snapshot', client, attempt, position, applied })
      } catch {
        await new Promise((resolve) => setTimeout(resolve, SNAPSHOT_RETRY_MS))
      }
    }
  }

  const event = (attempt: string, name: string, text: string): void => {
    if (isFeed(name)) {
      packet(attempt, name, text)
      return
    }
    const data = JSON.parse(text) as Record<string, unknown>
    if (name === 'connected') {
      const { position, resumed, role } = data as {
        position: Position
        resumed: boolean
        role: string
      }
      live = attempt
      recorder.add({ op: 'connected', client, attempt, position, resumed, role })
      replica.begin(position)
      if (needsSnapshot) void loadSnapshot(attempt)
      options.onConnected?.(attempt)
    } else if (name === 'log:reset') {
      const { position, reason } = data as { position: Position; reason: string }
      recorder.add({ op: 'reset', client, attempt, position, reason })
      needAgain(attempt)
    } else if (name === 'session:role') {
      const { role, seq } = data as { role: string; seq: number }
      recorder.add({ op: 'role', client, attempt, role, seq })
      needAgain(attempt)
    } else if (name === 'session:closing') {
      const code = String(data['code'])
      recorder.add({ op: 'closing', client, attempt, code })
      options.onClosing?.(code)
    } else {
      recorder.add({ op: 'message', client, attempt, bytes: text.length })
    }
  }

  const packet = (attempt: string, name: FeedName, text: string): void => {
    const { seq, item } = JSON.parse(text) as { seq: number; item?: ItemState }
    const applied = replica.take(seq, item)
    recorder.add({ op: 'packet', client, attempt, seq, name, hash: textHash(text), applied })
  }

  const needAgain = (attempt: string): void => {
    const isLoading = needsSnapshot && replica.isWaiting()
    needsSnapshot = true
    if (!isLoading) void loadSnapshot(attempt)
  }

  return {
    client,
    userId,
    replica,
    attempt(node, tokenAt) {
      attempts += 1
      const attempt = `rig/${client}/${String(attempts)}`
      const claimed = replica.position() ?? null
      recorder.add({ op: 'attempt', client, attempt, kind, node, userId, tokenAt, claimed })
      return attempt
    },
    event,
    refused(attempt, code) {
      recorder.add({ op: 'refused', client, attempt, code })
    },
    ended(attempt, reason) {
      if (live === attempt) live = undefined
      replica.forget()
      recorder.add({ op: 'disconnected', client, attempt, reason })
    },
    final() {
      const seq = replica.position()?.seq ?? 0
      recorder.add({ op: 'final', client, userId, seq, stateHash: replica.stateHash() })
    },
  }
}
