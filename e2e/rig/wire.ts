import { WebSocket } from 'ws'

/** What arrives on one connection that speaks engine.io 4 and socket.io 5 by hand. */
export interface WireHandlers {
  /** The server's OPEN: CONNECT may be sent now. */
  readonly onOpen: () => void
  /** Every text frame, before it is looked at. */
  readonly onFrame: (frame: string) => void
  readonly onConnected: () => void
  readonly onRefused: (code: string) => void
  /** An event: its name and the text of its first argument. */
  readonly onEvent: (name: string, text: string) => void
  /** Called once; nothing follows. */
  readonly onEnd: (reason: string) => void
}

export interface Wire {
  readonly send: (frame: string) => void
  /** Sends CONNECT with `auth`. */
  readonly connect: (auth: unknown) => void
  /** Stops or goes on reading from the network. */
  readonly pause: () => void
  readonly resume: () => void
  readonly end: (reason: string) => void
}

// pingInterval + pingTimeout of the server.
const SILENCE_MS = 45_000
const OPEN_WITHIN_MS = 5_000

/** Opens a WebSocket to `/socket.io/` of `url`, with `attempt` as its user agent. */
export function openWire(url: string, attempt: string, handlers: WireHandlers): Wire {
  const socket = new WebSocket(
    `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`,
    { headers: { 'user-agent': attempt }, handshakeTimeout: OPEN_WITHIN_MS },
  )
  let ended = false
  let paused = false
  let silence = setTimeout(onSilence, OPEN_WITHIN_MS)

  socket.on('message', (data: Buffer) => {
    if (ended) return
    clearTimeout(silence)
    silence = setTimeout(onSilence, SILENCE_MS)
    const frame = data.toString()
    handlers.onFrame(frame)
    receive(frame)
  })
  socket.on('error', (error) => {
    finish(`error ${error.message}`)
  })
  socket.on('close', (code) => {
    finish(`close ${String(code)}`)
  })

  function receive(frame: string): void {
    if (frame === '2') socket.send('3')
    else if (frame.startsWith('0')) handlers.onOpen()
    else if (frame.startsWith('40')) handlers.onConnected()
    else if (frame.startsWith('44')) handlers.onRefused(codeOf(frame))
    else if (frame.startsWith('42')) {
      const { name, text } = splitEvent(frame)
      handlers.onEvent(name, text)
    }
  }

  function onSilence(): void {
    if (!paused) finish('silence')
  }

  function finish(reason: string): void {
    if (ended) return
    ended = true
    clearTimeout(silence)
    socket.terminate()
    handlers.onEnd(reason)
  }

  const send = (frame: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame)
  }

  return {
    send,
    connect: (auth) => {
      send(`40${JSON.stringify(auth)}`)
    },
    pause() {
      paused = true
      socket.pause()
    },
    resume() {
      paused = false
      if (socket.isPaused) socket.resume()
    },
    end: finish,
  }
}

/** `42["name",{...}]`, or with an acknowledgement's number: name and the text of the first argument. */
export function splitEvent(frame: string): { name: string; text: string } {
  const begin = frame.indexOf('[')
  const nameEnd = frame.indexOf('"', begin + 2)
  const name = frame.slice(begin + 2, nameEnd)
  const rest = frame.slice(nameEnd + 1)
  // Payloads are objects; what ends otherwise has the offset of Socket.IO's own recovery behind them.
  const end = rest.endsWith('"]') ? rest.lastIndexOf(',"') : -1
  return { name, text: rest.slice(1, end) }
}

function codeOf(frame: string): string {
  return /"code":"(\w+)"/.exec(frame)?.[1] ?? /"message":"([^"]*)"/.exec(frame)?.[1] ?? 'UNREADABLE'
}
