import { decodeFrames, openRaw, type RawSocket } from '../../test/security/raw-socket.js'
import { encodeFrame } from '../../test/support/websocket-wire.js'
import type { HostileCase } from './case.js'
import { refusalsIn, unexpectedBytes } from './verdict.js'

/** What came of the cases. */
export interface CorpusReport {
  readonly cases: number
  readonly byKind: Readonly<Record<string, number>>
  /** Bytes that no stranger may get, and cases that did not come to an end. */
  readonly problems: readonly string[]
  readonly durationMs: number
}

/** Longest time for one case; the server closes a connection without a session before. */
const PATIENCE_MS = 15_000
const FENCE = 'fence'
const [CLOSE, PONG] = [8, 10]

/** Runs all cases against the server at `url`, `parallel` at a time. */
export const runCorpus = async (
  url: string,
  corpus: readonly HostileCase[],
  parallel: number,
): Promise<CorpusReport> => {
  const startedAt = performance.now()
  const problems: string[] = []
  const byKind: Record<string, number> = {}
  const queue = corpus.values()
  const work = async (): Promise<void> => {
    for (const next of queue) {
      byKind[next.kind] = (byKind[next.kind] ?? 0) + Math.max(next.attempts ?? 0, 1)
      const problem = await runCase(url, next)
      if (problem !== undefined) {
        problems.push(
          `${next.kind}: ${problem}: ${JSON.stringify(next.packets ?? next.request).slice(0, 500)}`,
        )
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return {
    cases: Object.values(byKind).reduce((sum, count) => sum + count, 0),
    byKind,
    problems,
    durationMs: performance.now() - startedAt,
  }
}

const runCase = async (url: string, hostile: HostileCase): Promise<string | undefined> => {
  using raw = openRaw(url)
  const late = AbortSignal.timeout(PATIENCE_MS)
  late.addEventListener('abort', () => {
    raw.tcp.destroy()
  })
  await perform(raw, hostile)
  const refusals = refusalsIn(raw.received())
  const expected = hostile.attempts ?? 0
  if (late.aborted) return `no end after ${PATIENCE_MS.toString()} ms`
  if (refusals !== expected) return `${refusals.toString()} of ${expected.toString()} refused`
  return unexpectedBytes(raw.received())
}

const perform = async (raw: RawSocket, hostile: HostileCase): Promise<void> => {
  if (hostile.resetAfter !== undefined) {
    const part = Buffer.from(hostile.request).subarray(0, hostile.resetAfter)
    await new Promise<void>((resolve) => {
      raw.tcp.once('connect', () => {
        raw.tcp.write(part, () => {
          resolve()
        })
      })
      void raw.closed.then(resolve)
    })
    raw.reset()
    await raw.closed
    return
  }
  raw.write(hostile.request)
  if (hostile.packets === undefined) {
    if (hostile.hangsUp === true) await until(raw, () => raw.bytesReceived() > 0)
    if (hostile.hangsUp === true) raw.tcp.end()
    await raw.closed
    return
  }
  await until(raw, () => decodeFrames(raw.received()).frames.length > 0)
  let refused = 0
  for (const packet of hostile.packets) {
    raw.write(typeof packet === 'string' ? encodeFrame(packet) : packet)
    if (hostile.attempts === undefined) continue
    refused += 1
    await until(raw, () => refusalsIn(raw.received()) >= refused)
  }
  if (hostile.attempts !== undefined) return
  // A pong says that everything before it has been read.
  raw.write(encodeFrame(FENCE, { opcode: 9 }))
  if (hostile.hangsUp === true) raw.tcp.end()
  await until(raw, () =>
    decodeFrames(raw.received()).frames.some(
      ({ opcode, text }) => opcode === CLOSE || (opcode === PONG && text === FENCE),
    ),
  )
}

/** Resolves when the condition holds or the connection has ended. */
const until = (raw: RawSocket, condition: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (!raw.isClosed() && !condition()) return
      raw.tcp.off('data', check)
      resolve()
    }
    raw.tcp.on('data', check)
    void raw.closed.then(check)
    check()
  })
