import {
  connectedSchema,
  errorDataSchema,
  logResetSchema,
  wireErrorSchema,
  type Connected,
  type Position,
} from '@uzima/contracts'
import { io } from 'socket.io-client'
import { z } from 'zod'
import type { ServerAccess } from './server-access.js'

export interface LiveEventsOptions {
  readonly access: ServerAccess
  readonly onConnected: (connected: Connected) => void
  readonly onEvent: (event: string, payload: unknown) => void
  /** Told once per loss; it connects again by itself. */
  readonly onLost: (reason: string) => void
  readonly signal: AbortSignal
}

const RETRY_MS = 1_000
/** Events whose `seq` is a place in the log: what comes before it has been seen. */
const OF_THE_LOG = /^(?:inventory|alert):/
// Of a server that is newer than this command, too: its code may be one that is not known here.
const refusalSchema = errorDataSchema.extend({ code: z.string() })
const closingSchema = wireErrorSchema.extend({ code: z.string() })
const numberedSchema = z.object({ seq: z.int() })

/**
 * Hands over live events until `signal`; then resolves. Reconnects by itself and resumes after the last number it saw.
 * Rejects with the server's words where it refuses for good.
 */
export const receiveLiveEvents = (options: LiveEventsOptions): Promise<void> => {
  const { access, signal } = options
  let position: Position | undefined
  let closing: z.infer<typeof closingSchema> | undefined
  let isLost = false
  let sent: string | undefined
  /** The token that the server no longer takes: to come back with it again would be refused for ever. */
  let stale: string | undefined
  let timer: NodeJS.Timeout | undefined

  return new Promise((resolve, reject) => {
    const socket = io(access.url, {
      autoConnect: false,
      auth: (give) => {
        access.getToken().then((token) => {
          if (token === stale) {
            fail('The token no longer serves. Give another one.')
            return
          }
          sent = token
          give({ token, ...(position === undefined ? {} : { position }) })
        }, retryLater)
      },
    })

    const end = (settle: () => void): void => {
      clearTimeout(timer)
      socket.disconnect()
      settle()
    }
    const fail = (message: string): void => {
      end(() => {
        reject(new Error(message))
      })
    }
    const lost = (reason: string): void => {
      if (!isLost) options.onLost(reason)
      isLost = true
    }
    const connectIn = (delayMs: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => socket.connect(), delayMs)
    }
    // The log-in needs the server, too; what it refuses is refused again later, and told once.
    const retryLater = (error: unknown): void => {
      socket.disconnect()
      lost(error instanceof Error ? error.message : String(error))
      if (!signal.aborted) connectIn(RETRY_MS)
    }

    socket.on('connect_error', (error: Error & { readonly data?: unknown }) => {
      lost(error.message)
      // The engine could not connect, or will by itself.
      if (socket.active) return
      const refusal = refusalSchema.safeParse(error.data)
      if (refusal.data?.needsNewToken === true) stale = sent
      if (refusal.data?.retryable === true) connectIn(refusal.data.retryAfterMs ?? RETRY_MS)
      else fail(`The server refuses: ${error.message}.`)
    })
    socket.on('disconnect', (reason) => {
      if (signal.aborted) return
      lost(closing === undefined ? reason : closing.message)
      if (closing?.needsNewToken === true) stale = sent
      // Ended by the server, this client does not come back by itself.
      if (socket.active) return
      if (closing?.retryable === false) fail(`The server closed the session: ${closing.message}.`)
      else if (reason !== 'io client disconnect') connectIn(closing?.retryAfterMs ?? RETRY_MS)
    })
    socket.onAny((event: string, payload: unknown) => {
      const connected = connectedSchema.safeParse(payload)
      if (event === 'connected' && connected.success) {
        isLost = false
        closing = undefined
        position = connected.data.position ?? undefined
        options.onConnected(connected.data)
        return
      }
      if (event === 'session:closing') closing = closingSchema.safeParse(payload).data
      const reset = logResetSchema.safeParse(payload)
      const numbered = numberedSchema.safeParse(payload)
      if (event === 'log:reset' && reset.success) position = reset.data.position
      else if (OF_THE_LOG.test(event) && numbered.success && position !== undefined) {
        position = { ...position, seq: Math.max(position.seq, numbered.data.seq) }
      }
      // For machines: it says every few seconds what there was to be seen before.
      if (event !== 'inventory:digest') options.onEvent(event, payload)
    })

    signal.addEventListener('abort', () => {
      end(resolve)
    })
    if (signal.aborted) resolve()
    else socket.connect()
  })
}
