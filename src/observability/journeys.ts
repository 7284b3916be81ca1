import type { Span } from '@opentelemetry/api'

/** The request that asked for a change. */
export interface Asking {
  readonly requestId: string
  /** From the request to its COMMIT; what follows belongs to it. */
  readonly span: Span
}

/** An entry of the log that was written to the sockets of this node. Times in milliseconds since 1970, by this machine's clock. */
export interface Delivered {
  /** By which an answer may have named the change; see `Journeys.begin`. */
  readonly keys: readonly string[]
  readonly seq: number
  readonly event: string
  readonly committedAt: number
  readonly takenAt: number
  readonly writtenAt: number
}

/** What becomes of an entry; `asking` where a request to this node asked for it. */
export type OnJourney = (delivered: Delivered, asking: Asking | undefined) => void

/**
 * Brings together the requests that changed something with the entries that came of it: the log says what was changed and
 * not who asked this node for it, and the COMMIT of one request holds the changes of others.
 */
export interface Journeys {
  /**
   * A request begins that may change something. Call what it gives back once, with the key of the change, undefined where there
   * is none: one of `changeKeys`.
   */
  readonly begin: (asking: Asking) => (key: string | undefined) => void
  /** Hands over what was written, a batch at a time. */
  readonly delivered: (batch: readonly Delivered[]) => void
}

/** How an answer and an entry of the log name the same change. */
export const changeKeys = {
  item: ({ sku, version }: { readonly sku: string; readonly version: number }): string =>
    `item:${version.toString()}:${sku}`,
  /** Its answer says no version. */
  archived: (sku: string): string => `archived:${sku}`,
  entry: (seq: number): string => `seq:${seq.toString()}`,
} as const

/** A repeated answer names a change that was delivered long ago: what nobody comes for must end. */
const MAX_WAITING = 4_096
/** The log is told of a COMMIT as soon as whoever asked for it, and sometimes sooner. */
const MAX_UNCLAIMED = 1_024

export const createJourneys = (onJourney: OnJourney): Journeys => {
  const waiting = new Map<string, Asking>()
  const unclaimed = new Map<string, Delivered>()
  let underWay = 0

  const forget = ({ keys }: Delivered): void => {
    for (const key of keys) unclaimed.delete(key)
  }

  /** No request that is under way can have asked for what is given up here, or too many are. */
  const giveUp = (keep: number): void => {
    for (const delivered of unclaimed.values()) {
      if (unclaimed.size <= keep) return
      forget(delivered)
      onJourney(delivered, undefined)
    }
  }

  const settle = (asking: Asking, key: string): void => {
    const delivered = unclaimed.get(key)
    if (delivered !== undefined) {
      forget(delivered)
      onJourney(delivered, asking)
      return
    }
    waiting.set(key, asking)
    const [oldest] = waiting.keys()
    if (waiting.size > MAX_WAITING && oldest !== undefined) waiting.delete(oldest)
  }

  const take = (delivered: Delivered): void => {
    const key = delivered.keys.find((one) => waiting.has(one))
    if (key !== undefined) {
      onJourney(delivered, waiting.get(key))
      waiting.delete(key)
    } else if (underWay === 0) onJourney(delivered, undefined)
    else for (const one of delivered.keys) unclaimed.set(one, delivered)
  }

  return {
    begin(asking) {
      underWay += 1
      return (key) => {
        underWay -= 1
        if (key !== undefined) settle(asking, key)
        if (underWay === 0) giveUp(0)
      }
    },
    delivered(batch) {
      for (const one of batch) take(one)
      giveUp(MAX_UNCLAIMED)
    },
  }
}
