import { io } from 'socket.io-client'
import { createFollower } from './follower.js'
import type { Client, RawClientOptions } from './raw-client.js'

const ASK_FOR_TOKEN_EVERY_MS = 250
/** Refusals that only a new login can change. */
const NEEDS_LOGIN = new Set([
  'AUTH_SESSION_REVOKED',
  'AUTH_USER_INACTIVE',
  'AUTH_TOKEN_EXPIRED',
  // What a node says whose clock is behind: the token is from its future.
  'AUTH_TOKEN_INVALID',
])

/** The stock `socket.io-client` with its defaults; it stays with one node and comes back by itself. */
export const startStockClient = (
  options: RawClientOptions & { readonly polling: boolean },
): Client => {
  const { nodes, tokens, random, userId, polling } = options
  const node = random.pick(nodes)
  let stopped = false
  let refusedAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  const follower = createFollower(options)

  const extraHeaders: Record<string, string> = {}
  const beginAttempt = (): string => {
    const next = follower.attempt(node.name, tokens.of(userId).at)
    extraHeaders['user-agent'] = next
    return next
  }

  const socket = io(node.url, {
    transports: polling ? ['polling', 'websocket'] : ['websocket'],
    forceNew: true,
    autoConnect: false,
    extraHeaders,
    reconnectionDelayMax: 2_000,
    auth: (send) => {
      const position = follower.replica.position()
      const { token } = tokens.of(userId)
      send({ token, ...(position === undefined ? {} : { position }) })
    },
  })
  let attempt = beginAttempt()

  /** Code of ours is needed to come back, which is what the service promises to do without. */
  const strand = (why: string): void => {
    options.recorder.add({ op: 'stranded', stock: options.client, why })
  }

  const afterEnd = (code: string | undefined): void => {
    if (stopped || socket.active) return
    if (code === undefined || !NEEDS_LOGIN.has(code)) strand(code ?? 'disconnected by the server')
    refusedAt = tokens.of(userId).at
    comeBack(code)
  }

  const comeBack = (code: string | undefined): void => {
    if (stopped) return
    if (code !== undefined && NEEDS_LOGIN.has(code) && tokens.of(userId).at === refusedAt) {
      timer = setTimeout(() => {
        comeBack(code)
      }, ASK_FOR_TOKEN_EVERY_MS)
      return
    }
    attempt = beginAttempt()
    socket.connect()
  }

  socket.io.on('reconnect_attempt', () => {
    attempt = beginAttempt()
  })
  socket.io.on('reconnect_error', (error) => {
    follower.ended(attempt, error.message)
  })
  socket.onAny((name: string, payload: unknown) => {
    follower.event(attempt, name, JSON.stringify(payload))
  })
  socket.on('disconnect', (reason) => {
    follower.ended(attempt, reason)
    afterEnd(undefined)
  })
  socket.on('connect_error', (error) => {
    // Where the server refused, the error carries its data; else the network failed.
    const data = (error as { data?: { code?: string } }).data
    if (data?.code !== undefined) {
      follower.refused(attempt, data.code)
      follower.ended(attempt, 'refused')
    } else {
      follower.ended(attempt, error.message)
    }
    afterEnd(data?.code)
  })

  socket.connect()

  return {
    follower,
    stop() {
      stopped = true
      clearTimeout(timer)
      socket.disconnect()
    },
  }
}
