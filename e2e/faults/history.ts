import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A place in the log. */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/** `raw` speaks the wire by hand, `stock` is socket.io-client, `slow` stops reading now and then, `racer` connects while its user is revoked, `package` is our client, `newcomer` logs in, looks, and goes. */
export type ClientKind = 'raw' | 'stock' | 'slow' | 'racer' | 'package' | 'newcomer'
export type FeedName = 'inventory:update' | 'inventory:lowStock' | 'alert:raised' | 'alert:changed'

interface OfAttempt {
  readonly client: string
  /** Unique in the run; it is also the user agent, by which the connection log is compared. */
  readonly attempt: string
}

/** What a client saw. */
export type ClientRecord = OfAttempt &
  (
    | {
        readonly op: 'attempt'
        readonly kind: ClientKind | 'ghost'
        readonly node: string
        readonly userId: string | null
        /** When the token was made; null for ghosts. */
        readonly tokenAt: number | null
        readonly claimed: Position | null
      }
    | {
        readonly op: 'connected'
        readonly position: Position
        readonly resumed: boolean
        readonly role: string
      }
    | { readonly op: 'refused'; readonly code: string }
    | { readonly op: 'reset'; readonly position: Position; readonly reason: string }
    | {
        readonly op: 'snapshot'
        readonly position: Position
        /** Numbers that had waited for the snapshot and were applied on top of it. */
        readonly applied: readonly number[]
      }
    | {
        readonly op: 'packet'
        readonly seq: number
        readonly name: FeedName
        /** Of the payload's text. */
        readonly hash: string
        readonly applied: boolean
      }
    | { readonly op: 'message'; readonly bytes: number }
    | { readonly op: 'role'; readonly role: string; readonly seq: number }
    | { readonly op: 'closing'; readonly code: string }
    | { readonly op: 'disconnected'; readonly reason: string }
    /** A text frame to a connection that has not authenticated, as it came. */
    | { readonly op: 'ghost'; readonly kind: string; readonly frame: string }
  )

/** What became of a write; `unknown` is an answer that never came, and is followed by a retry. */
export type WriteRecord = {
  readonly op: 'write'
  readonly write: string
  readonly actor: string
} & (
  | {
      readonly phase: 'invoke'
      readonly via: 'rest' | 'sql'
      readonly kind: 'consume' | 'receive' | 'adjust' | 'threshold' | 'rollback'
      readonly sku: string
      readonly quantity: number
    }
  | { readonly phase: 'unknown'; readonly why: string }
  | {
      readonly phase: 'ok'
      /** Null where the writer cannot know it (plain SQL). */
      readonly version: number | null
      readonly item: unknown
      readonly lotsConsumed: unknown
    }
  | {
      readonly phase: 'refused'
      readonly status: number
      readonly code: string
      readonly available: number | null
    }
  /** The same request again after its definite answer. */
  | { readonly phase: 'repeat'; readonly same: boolean }
  /** The same key with another body. */
  | { readonly phase: 'reuse'; readonly status: number }
)

export interface RevokeRecord {
  readonly op: 'revoke'
  readonly id: string
  readonly userId: string
  readonly action: 'deactivate' | 'revoke' | 'role' | 'session' | 'restore'
  readonly phase: 'invoke' | 'ok'
  /** Number of the change in the log; at `ok`. */
  readonly seq: number | null
  /** When the service had answered; at `ok`. */
  readonly ackAt: number | null
}

export type RigRecord =
  | {
      readonly op: 'fault'
      readonly id: number
      readonly kind: string
      readonly phase: 'start' | 'end'
      readonly target: string
      readonly pids: readonly number[]
      /** What it cuts: answers within its time may be late for it. */
      readonly affects: readonly ('redis' | 'postgres' | 'node' | 'clients')[]
    }
  | {
      readonly op: 'exit'
      readonly node: string
      readonly pid: number
      readonly planned: boolean
      readonly code: number | null
      readonly signal: string | null
    }
  | { readonly op: 'ready'; readonly node: string; readonly pid: number }
  | { readonly op: 'memory'; readonly node: string; readonly rssMb: number }
  /** All faults are over and the last write is committed with number `seq`. */
  | { readonly op: 'healed'; readonly seq: number }
  /** The world after a fault: how long after it everything was well, or what was not when nobody waited any longer. */
  | {
      readonly op: 'recovered'
      readonly id: number
      readonly afterMs: number
      /** Nodes that did not say that they are ready, with Redis up. */
      readonly notReady: readonly string[]
      /** Clients that had not heard of a change made after the fault. */
      readonly behind: readonly string[]
    }
  /** A log-in with the right password; `status` is 0 where no answer came. */
  | {
      readonly op: 'log-in'
      readonly who: 'owner' | 'newcomer'
      readonly node: string
      readonly status: number
      readonly tookMs: number
    }
  | { readonly op: 'leak'; readonly where: string }
  /** A stock client had given up although nothing was refused for good. */
  | { readonly op: 'stranded'; readonly stock: string; readonly why: string }
  | {
      readonly op: 'final'
      readonly client: string
      readonly userId: string
      readonly seq: number
      readonly stateHash: string
    }
  /** A forged position and what came of it. */
  | { readonly op: 'forged'; readonly what: string; readonly answer: string }

/** One line of the history; `t` is milliseconds since its start, of one monotonic clock for all. */
export type HistoryRecord = { readonly t: number } & (
  ClientRecord | WriteRecord | RevokeRecord | RigRecord
)
type Unstamped = ClientRecord | WriteRecord | RevokeRecord | RigRecord

export interface History {
  /** Of `t` = 0, in ms since 1970, with fractions. */
  readonly startedAt: number
  readonly records: readonly HistoryRecord[]
}

export interface Recorder {
  readonly add: (record: Unstamped) => void
  readonly now: () => number
  readonly history: () => History
  /** Writes the history as JSON lines. */
  readonly write: (file: string) => Promise<void>
}

/** Starts a history; its clock is the monotonic one of this process, in which everything that records runs. */
export const createRecorder = (): Recorder => {
  const origin = performance.now()
  const startedAt = performance.timeOrigin + origin
  const records: HistoryRecord[] = []
  const now = (): number => performance.now() - origin

  return {
    add(record) {
      records.push({ t: now(), ...record })
    },
    now,
    history: () => ({ startedAt, records }),
    async write(file) {
      const stream = createWriteStream(file)
      stream.write(`${JSON.stringify({ startedAt })}\n`)
      for (const record of records) {
        if (!stream.write(`${JSON.stringify(record)}\n`)) await once(stream, 'drain')
      }
      stream.end()
      await once(stream, 'finish')
    },
  }
}

/** Reads what a recorder has written. */
export const readHistory = async (file: string): Promise<History> => {
  const records: HistoryRecord[] = []
  // A reader of JSON makes each text anew; millions of records share few names of clients and attempts.
  const known = new Map<string, string>()
  const shared = <T extends string>(text: T): T => {
    // What is kept under a text is that text.
    const first = known.get(text) as T | undefined
    if (first === undefined) known.set(text, text)
    return first ?? text
  }
  let startedAt = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    // Written by a recorder: a line with the start, then records.
    const record = JSON.parse(line) as HistoryRecord | { readonly startedAt: number }
    if (!('op' in record)) startedAt = record.startedAt
    else if (record.op === 'packet') {
      const { client, attempt, name, hash } = record
      const texts = { client: shared(client), attempt: shared(attempt), hash: shared(hash) }
      records.push({ ...record, ...texts, name: shared(name) })
    } else records.push(record)
  }
  return { startedAt, records }
}
