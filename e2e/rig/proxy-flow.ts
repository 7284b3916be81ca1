import type { Socket } from 'node:net'
import type { Random } from './random.js'

/** `up` is from the one who connects to the target. */
export type Direction = 'up' | 'down'

/** What the proxy does with bytes; a change holds for connections that are open, too. */
export type Mode =
  | { readonly kind: 'pass' }
  /** Accepts and keeps everything open, forwards nothing; what was held back goes on when it ends. */
  | { readonly kind: 'blackhole'; readonly direction?: Direction }
  /** Resets whoever connects, and what is open: as a host without a server. */
  | { readonly kind: 'refuse' }
  | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs: number }
  | { readonly kind: 'rate'; readonly bytesPerSecond: number }
  /** Lets so many bytes of each connection go down, then resets it: inside a frame, mostly. */
  | { readonly kind: 'stop-after'; readonly bytes: number }

/** One direction of one connection. */
export interface Flow {
  readonly setMode: (mode: Mode) => void
  readonly stop: () => void
}

interface FlowOptions {
  readonly source: Socket
  readonly sink: Socket
  readonly direction: Direction
  readonly random: Random
  /** Called when the mode says that the connection ends now. */
  readonly reset: () => void
}

/** Forwards what `source` sends to `sink` as the mode says, in order, no faster than the sink takes it. */
export const createFlow = ({ source, sink, direction, random, reset }: FlowOptions): Flow => {
  let mode: Mode = { kind: 'pass' }
  let allowance = Number.POSITIVE_INFINITY
  let pausedUntil = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  // What was put off, oldest first; one timer for the first, so that no two can change places.
  const waiting: { readonly dueAt: number; readonly work: () => void }[] = []

  const inOrder = (work: () => void): void => {
    const delayMs = mode.kind === 'delay' ? mode.ms + random.next() * mode.jitterMs : 0
    if (delayMs === 0 && waiting.length === 0) {
      work()
      return
    }
    const dueAt = Math.max(performance.now() + delayMs, waiting.at(-1)?.dueAt ?? 0)
    waiting.push({ dueAt, work })
    release()
  }

  const release = (): void => {
    clearTimeout(timer)
    while (!stopped && (waiting[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= performance.now()) {
      waiting.shift()?.work()
    }
    const next = waiting[0]
    if (next !== undefined) timer = setTimeout(release, Math.ceil(next.dueAt - performance.now()))
  }

  const forward = (chunk: Buffer): void => {
    if (stopped || sink.destroyed) return
    if (chunk.length >= allowance) {
      sink.write(chunk.subarray(0, allowance), reset)
      allowance = 0
      source.pause()
      return
    }
    allowance -= chunk.length
    const taken = sink.write(chunk)
    if (mode.kind === 'rate') {
      pausedUntil = performance.now() + (chunk.length / mode.bytesPerSecond) * 1_000
      source.pause()
      setTimeout(flowOn, Math.ceil(pausedUntil - performance.now()))
    } else if (!taken) {
      source.pause()
    }
  }

  const flowOn = (): void => {
    if (stopped || isHeld() || sink.writableNeedDrain || performance.now() < pausedUntil) return
    source.resume()
  }

  const isHeld = (): boolean =>
    mode.kind === 'blackhole' && (mode.direction === undefined || mode.direction === direction)

  source.on('data', (chunk: Buffer) => {
    inOrder(() => {
      forward(chunk)
    })
  })
  source.on('end', () => {
    inOrder(() => {
      if (!stopped) sink.end()
    })
  })
  sink.on('drain', flowOn)

  return {
    setMode(next) {
      mode = next
      pausedUntil = 0
      allowance =
        next.kind === 'stop-after' && direction === 'down' ? next.bytes : Number.POSITIVE_INFINITY
      if (isHeld()) source.pause()
      else flowOn()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
