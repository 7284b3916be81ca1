import { openRawClient, type RawClient } from './raw-client.js'

/** What arrives on one connection that speaks socket.io 5 by hand. */
export interface WireHandlers {
  /** The server's OPEN: CONNECT may be sent now. */
  readonly onOpen?: () => void
  /** Every packet of engine.io, before it is looked at. */
  readonly onFrame?: (frame: string) => void
  readonly onRefused?: (code: string) => void
  /** An event: its name and the text of its first argument. */
  readonly onEvent?: (name: string, text: string) => void
  /** An acknowledgement, as it came. */
  readonly onAck?: (frame: string) => void
  /** Called once; nothing follows. */
  readonly onEnd?: (reason: string) => void
}

export interface WireOptions {
  /** Names the attempt in the connection log. */
  readonly userAgent?: string
  /** The address that a trusted proxy would have seen. */
  readonly from?: string
  /** Gives up where the server says nothing within so many milliseconds. Default 5000. */
  readonly openWithinMs?: number
}

export interface Wire extends Omit<RawClient, 'opened' | 'end'> {
  /** Sends CONNECT with `auth`. */
  readonly connect: (auth: unknown) => void
  /** Drops the connection at once, and tells `onEnd` why. */
  readonly end: (reason: string) => void
}

// pingInterval + pingTimeout of the server.
const SILENCE_MS = 45_000

/** Opens a WebSocket to `/socket.io/` of `url`. */
export const openWire = (
  url: string,
  { userAgent, from, openWithinMs = 5_000 }: WireOptions,
  handlers: WireHandlers,
): Wire => {
  let ended = false
  let paused = false
  let heardAt: number | undefined

  const onPacket = (frame: string): void => {
    if (ended) return
    heardAt = performance.now()
    handlers.onFrame?.(frame)
    if (frame.startsWith('42')) {
      const { name, text } = splitEvent(frame)
      handlers.onEvent?.(name, text)
    } else if (frame.startsWith('43')) handlers.onAck?.(frame)
    else if (frame.startsWith('44')) handlers.onRefused?.(codeOf(frame))
    else if (frame.startsWith('0')) handlers.onOpen?.()
  }

  const finish = (reason: string): void => {
    if (ended) return
    ended = true
    clearTimeout(silence)
    client.destroy()
    handlers.onEnd?.(reason)
  }

  // Not set anew by each packet, of which there may be thousands a second.
  const onSilence = (): void => {
    if (heardAt === undefined) finish('no answer')
    const leftMs = (heardAt ?? 0) + SILENCE_MS - performance.now()
    if (leftMs <= 0 && !paused) finish('silence')
    if (!ended) silence = setTimeout(onSilence, Math.max(leftMs, 1_000))
  }

  const client = openRawClient(
    url,
    {
      onPacket,
      onClosed: () => {
        finish('closed')
      },
    },
    {
      ...(userAgent === undefined ? {} : { 'User-Agent': userAgent }),
      ...(from === undefined ? {} : { 'X-Forwarded-For': from }),
    },
  )
  let silence = setTimeout(onSilence, openWithinMs)

  return {
    ...client,
    connect: (auth) => {
      client.send(`40${JSON.stringify(auth)}`)
    },
    pause: () => {
      paused = true
      client.pause()
    },
    resume: () => {
      paused = false
      heardAt = performance.now()
      client.resume()
    },
    destroy: () => {
      finish('destroyed')
    },
    end: finish,
  }
}

/** `42["name",{...}]`, or with an acknowledgement's number: name and the text of the first argument. */
export const splitEvent = (frame: string): { readonly name: string; readonly text: string } => {
  const begin = frame.indexOf('[')
  const nameEnd = frame.indexOf('"', begin + 2)
  const name = frame.slice(begin + 2, nameEnd)
  const rest = frame.slice(nameEnd + 1)
  // Payloads are objects; what ends otherwise has the offset of Socket.IO's own recovery behind them.
  const end = rest.endsWith('"]') ? rest.lastIndexOf(',"') : -1
  return { name, text: rest.slice(1, end) }
}

const codeOf = (frame: string): string =>
  /"code":"(\w+)"/.exec(frame)?.[1] ?? /"message":"([^"]*)"/.exec(frame)?.[1] ?? 'UNREADABLE'
