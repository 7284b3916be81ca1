import type { Position } from '@uzima/contracts'
import { io } from 'socket.io-client'
import { openWire, type Wire } from '../../e2e/rig/wire.js'

/** A client of the storm: it connects again by itself, and notes when it did what. */
export interface StormClient {
  /** Times at which it began to connect, by `performance.now()`, the first included. */
  readonly attempts: readonly number[]
  /** Numbers of the stock events, in the order in which they came. */
  readonly seqs: readonly number[]
  /** Number of the log from which on events are due to it; undefined before its first `connected`. */
  readonly from: () => number | undefined
  /** When it had, authenticated, everything that was committed when it was; undefined until then, and after a loss. */
  readonly atHeadAt: () => number | undefined
  readonly wasRefused: () => boolean
  /** Takes this token from the next attempt on. */
  readonly useToken: (token: string) => void
  readonly stop: () => void
}

export interface StormClientOptions {
  readonly token: string
  /** Number of the last committed entry, as far as it is known. */
  readonly head: () => number
}

interface Log {
  readonly attempt: () => void
  readonly connected: (position: Position) => void
  readonly event: (seq: number) => void
  readonly lost: () => void
  readonly refused: () => void
  readonly position: () => Position | undefined
  readonly told: Pick<StormClient, 'attempts' | 'seqs' | 'from' | 'atHeadAt' | 'wasRefused'>
}

// The defaults of socket.io-client: 1 s, doubled up to 5 s, each half more or less; it waits 20 s for an answer.
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 5_000
const OPENS_WITHIN_MS = 20_000

const createLog = (head: () => number): Log => {
  const attempts: number[] = []
  const seqs: number[] = []
  let position: Position | undefined
  let [from, target]: [number | undefined, number | undefined] = [undefined, undefined]
  let atHeadAt: number | undefined
  let isRefused = false

  const look = (): void => {
    if (target !== undefined && position !== undefined && position.seq >= target) {
      atHeadAt ??= performance.now()
    }
  }

  return {
    attempt: () => attempts.push(performance.now()),
    connected: (given) => {
      position = given
      from ??= given.seq
      target = head()
      look()
    },
    event: (seq) => {
      seqs.push(seq)
      if (position !== undefined) position = { epoch: position.epoch, seq }
      look()
    },
    lost: () => {
      target = undefined
      atHeadAt = undefined
    },
    refused: () => {
      isRefused = true
    },
    position: () => position,
    told: {
      attempts,
      seqs,
      from: () => from,
      atHeadAt: () => atHeadAt,
      wasRefused: () => isRefused,
    },
  }
}

/** A client by hand that costs little: one address after the other, with the back-off of the stock client. */
export const openLightClient = (
  addresses: readonly string[],
  firstAddress: number,
  options: StormClientOptions,
): StormClient => {
  const log = createLog(options.head)
  let { token } = options
  let failures = 0
  let turn = firstAddress
  let isStopped = false
  let current: Wire | undefined
  let timer: NodeJS.Timeout | undefined

  const connect = (): void => {
    log.attempt()
    const url = addresses[turn % addresses.length] ?? ''
    turn += 1
    const wire = openWire(
      url,
      { openWithinMs: OPENS_WITHIN_MS },
      {
        onOpen: () => {
          failures = 0
          const position = log.position()
          wire.connect({ token, ...(position && { position }) })
        },
        onEvent: (name, text) => {
          if (name === 'inventory:update') {
            // The database writes keys by their length: the first number is the entry's own.
            log.event(Number(/"seq": ?(\d+)/.exec(text)?.[1]))
          } else if (name === 'connected') {
            // What the protocol says of this event.
            log.connected((JSON.parse(text) as { position: Position }).position)
          }
        },
        onRefused: () => {
          log.refused()
          isStopped = true
          wire.destroy()
        },
        onEnd,
      },
    )
    current = wire
  }

  const onEnd = (): void => {
    log.lost()
    if (isStopped) return
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures)
    failures += 1
    timer = setTimeout(connect, delayMs * (0.5 + Math.random()))
  }

  connect()
  return {
    ...log.told,
    useToken: (next) => {
      token = next
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      current?.destroy()
    },
  }
}

/** The stock client, behind one address. */
export const openStockClient = (url: string, options: StormClientOptions): StormClient => {
  const log = createLog(options.head)
  let { token } = options
  log.attempt()
  const socket = io(url, {
    forceNew: true,
    transports: ['websocket'],
    auth: (answer) => {
      const position = log.position()
      answer({ token, ...(position && { position }) })
    },
  })
  socket.io.on('reconnect_attempt', log.attempt)
  socket.on('connected', ({ position }: { position: Position }) => {
    log.connected(position)
  })
  socket.on('inventory:update', ({ seq }: { seq: number }) => {
    log.event(seq)
  })
  socket.on('disconnect', log.lost)
  socket.on('connect_error', () => {
    // Only after a refusal the stock client does not come back.
    if (!socket.active) log.refused()
  })
  return {
    ...log.told,
    useToken: (next) => {
      token = next
    },
    stop: () => {
      socket.disconnect()
    },
  }
}
