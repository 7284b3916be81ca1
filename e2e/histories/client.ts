import { io } from 'socket.io-client'
import { openWire, type Wire } from '../rig/wire.js'
import type { Random } from '../rig/random.js'
import type { Attempt, Recording } from './recording.js'

export interface ClientOptions {
  readonly recording: Recording
  readonly nodes: readonly { readonly name: string; readonly url: string }[]
  readonly token: () => string
  readonly random: Random
}

/** The client of one user, which comes back with the last position for as long as it is to be there. */
export interface Client {
  /** Whether it is let in now. */
  readonly isIn: () => boolean
  /** Drops the connection, and comes back after so many milliseconds. */
  readonly away: (ms: number) => void
  /** Ends for good. */
  readonly stop: () => void
}

interface Link {
  readonly close: () => void
}

interface LinkEvents {
  readonly onEvent: (name: string, data: EventData) => void
  readonly onEnd: (code: string) => void
}

interface EventData {
  readonly seq?: number
  readonly position?: { readonly epoch: string; readonly seq: number }
  readonly resumed?: boolean
  readonly code?: string
}

type Open = (url: string, auth: object, events: LinkEvents) => Link

/** WebSocket and Socket.IO by hand: of an event only its number is read. */
export const startLightClient = (options: ClientOptions): Client => follow(options, openLight)

/** The stock socket.io-client; that it comes back, and where, is decided here, so that each connection has its attempt. */
export const startStockClient = (options: ClientOptions): Client => follow(options, openStock)

const follow = ({ recording, nodes, token, random }: ClientOptions, open: Open): Client => {
  let position: { epoch: string; seq: number } | undefined
  let link: Link | undefined
  let attempt: Attempt | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const begin = (): void => {
    const node = random.pick(nodes)
    const mine: Attempt = {
      node: node.name,
      startedAt: Date.now(),
      asked: position?.seq,
      resets: [],
      seqs: [],
      times: [],
    }
    attempt = mine
    recording.attempts.push(mine)
    const auth = { token: token(), ...(position === undefined ? {} : { position }) }
    link = open(node.url, auth, {
      onEvent: (name, data) => {
        const at = Date.now()
        if (name === 'connected' && data.position !== undefined) {
          mine.connectedAt = at
          mine.position = data.position.seq
          mine.resumed = data.resumed ?? false
          position = data.position
        } else if (name === 'log:reset' && data.position !== undefined) {
          mine.resets.push({ seq: data.position.seq, at })
          position = data.position
        } else if (name === 'session:closing' && data.code !== undefined) {
          mine.code = data.code
        } else if (isEntry(name) && data.seq !== undefined) {
          mine.seqs.push(data.seq)
          mine.times.push(at)
          if (position !== undefined) position = { epoch: position.epoch, seq: data.seq }
        }
      },
      onEnd: (code) => {
        if (mine.endedAt !== undefined) return
        mine.endedAt = Date.now()
        mine.code ??= code
        if (attempt !== mine || stopped) return
        timer = setTimeout(begin, random.int(50, 400))
      },
    })
  }

  const drop = (): void => {
    clearTimeout(timer)
    const mine = attempt
    attempt = undefined
    link?.close()
    if (mine !== undefined) mine.endedAt ??= Date.now()
  }

  begin()
  return {
    isIn: () => attempt?.connectedAt !== undefined && attempt.endedAt === undefined,
    away: (ms) => {
      drop()
      if (!stopped) timer = setTimeout(begin, ms)
    },
    stop: () => {
      stopped = true
      drop()
    },
  }
}

const isEntry = (name: string): boolean =>
  (name.startsWith('inventory:') && name !== 'inventory:digest') || name.startsWith('alert:')

const openLight: Open = (url, auth, { onEvent, onEnd }) => {
  const wire: Wire = openWire(
    url,
    {},
    {
      onOpen: () => {
        wire.connect(auth)
      },
      onEvent: (name, text) => {
        if (!isEntry(name)) onEvent(name, JSON.parse(text) as EventData)
        else onEvent(name, { seq: seqIn(text) })
      },
      onRefused: (code) => {
        wire.end(code)
      },
      onEnd,
    },
  )
  return {
    close: () => {
      wire.end('left')
    },
  }
}

/** The number of an entry, without reading the rest where it stands last or first. */
const seqIn = (text: string): number => {
  const found = /"seq":(\d+),"timestamp"|^\{"seq":(\d+)/.exec(text)
  if (found !== null) return Number(found[1] ?? found[2])
  return (JSON.parse(text) as { seq: number }).seq
}

const openStock: Open = (url, auth, { onEvent, onEnd }) => {
  const socket = io(url, {
    forceNew: true,
    transports: ['websocket'],
    reconnection: false,
    timeout: 5_000,
    auth,
  })
  const end = (why: string): void => {
    onEnd(why)
    socket.disconnect()
  }
  socket.onAny((name: string, data: EventData) => {
    onEvent(name, data)
  })
  socket.on('disconnect', end)
  socket.on('connect_error', (error) => {
    end((error as { data?: { code?: string } }).data?.code ?? error.message)
  })
  return {
    close: () => {
      socket.disconnect()
    },
  }
}
