import { createRealtimeClient } from '@uzima/client'
import type { Client, ClientOptions } from './client.js'
import type { Attempt } from './recording.js'

type Snapshot = Awaited<
  ReturnType<NonNullable<Parameters<typeof createRealtimeClient>[0]['loadSnapshot']>>
>

/** Our own client with its defaults; it stays with one node and comes back by itself. */
export const startPackageClient = (
  { recording, nodes, token, random }: ClientOptions,
  readSnapshot: () => Promise<Snapshot>,
): Client => {
  const node = random.pick(nodes)
  let attempt: Attempt | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const end = (code: string): void => {
    if (attempt === undefined) return
    attempt.endedAt ??= Date.now()
    attempt.code ??= code
    attempt = undefined
  }

  const client = createRealtimeClient({
    url: node.url,
    random: random.next,
    getToken: () => {
      end('again')
      attempt = {
        node: node.name,
        startedAt: Date.now(),
        asked: client.position()?.seq,
        resets: [],
        seqs: [],
        times: [],
      }
      recording.attempts.push(attempt)
      return token()
    },
    loadSnapshot: readSnapshot,
    onSnapshot: ({ position }) => {
      recording.snapshots.push(position.seq)
    },
    onEvent: ({ payload }) => {
      const { seq } = payload as { readonly seq?: number }
      if (attempt === undefined || seq === undefined) return
      attempt.seqs.push(seq)
      attempt.times.push(Date.now())
    },
    onReset: ({ position }) => {
      attempt?.resets.push({ seq: position.seq, at: Date.now() })
    },
    onConnected: ({ position, resumed }) => {
      if (attempt === undefined || position === null) return
      attempt.connectedAt = Date.now()
      attempt.position = position.seq
      attempt.resumed = resumed
    },
    onStatus: ({ phase, code }) => {
      if (phase === 'connected') return
      if (phase === 'disconnected' || attempt?.connectedAt !== undefined) end(code)
      if (phase === 'disconnected' && !stopped) {
        // A final refusal stops it, as it should; only a new token changes that.
        clearTimeout(timer)
        timer = setTimeout(
          () => {
            client.start()
          },
          random.int(50, 400),
        )
      }
    },
  })
  client.start()

  return {
    isIn: () => client.status().phase === 'connected' && client.status().synced,
    away: (ms) => {
      stopped = true
      client.stop()
      end('left')
      clearTimeout(timer)
      timer = setTimeout(() => {
        stopped = false
        client.start()
      }, ms)
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      client.stop()
      end('left')
    },
  }
}
