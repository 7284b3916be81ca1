import type { AddLot, Adjust, Consume, Dispose, Item, Position } from '@uzima/contracts'
import type { RealtimeError } from '../errors.js'
import type { GetToken } from '../realtime-options.js'

/** A change of stock as a person means it. */
export type Movement =
  | ({ readonly kind: 'receive'; readonly sku: string } & AddLot)
  | ({ readonly kind: 'consume'; readonly sku: string } & Consume)
  /** Sets a lot to what was counted. With `expected`, what the lot was thought to hold, others' work is not overwritten. */
  | ({ readonly kind: 'count'; readonly sku: string } & Adjust)
  | ({ readonly kind: 'dispose'; readonly sku: string } & Dispose)

/** What may differ when a refused movement is tried again: 12 instead of 20, or another `expected`. */
export interface MovementChanges {
  readonly quantity?: number
  readonly expected?: number
  readonly lotNumber?: string
  readonly expiryDate?: string
  readonly reason?: string
}

/**
 * Where a write stands.
 *
 * - `queued`: kept on this device, not sent yet.
 * - `sending`: under way.
 * - `unsure`: sent, and no answer came that says what became of it. It goes out again under the same key, which the server
 *   books once.
 * - `waiting`: its author has to log in again, or get his role back; nobody else sends it.
 * - `refused`: the server said no, and nothing was booked; a person decides, by `retry` or `drop`.
 * - `accepted`: booked.
 * - `closed`: dropped, or tried again as another write.
 */
export type WriteState =
  'queued' | 'sending' | 'unsure' | 'waiting' | 'refused' | 'accepted' | 'closed'

/** Why the server refused; `params` holds the rest of what it told, such as `requested` and `available`. */
export interface Refusal {
  readonly code: string
  /** The server's own sentence, in English. */
  readonly detail: string
  readonly status: number
  readonly params: Readonly<Record<string, unknown>>
}

/** A movement on its way to the server; never changed, only replaced. */
export interface QueuedWrite {
  /** Also its Idempotency-Key. */
  readonly id: string
  /** Id of the user who made it, and as whom alone it is sent. */
  readonly author: string
  /** Place in the order in which movements were made on this device. */
  readonly n: number
  readonly movement: Movement
  readonly state: WriteState
  /** By this device's clock, in milliseconds since 1970: for people to read, nothing is decided by it. */
  readonly madeAt: number
  /** When it went out first, by this device's clock; absent where nobody can have heard of it. */
  readonly firstSentAt?: number
  /** With `refused`, and with `waiting` where the role is what lacks. */
  readonly refusal?: Refusal
  /** With `accepted`: version of the item that the answer told, and the log in which it counts. */
  readonly answer?: { readonly version: number; readonly epoch?: string }
  /** The refused write that this one tries again. */
  readonly retryOf?: string
  /** With `closed`: why, in the person's words, or the write that was made of it. */
  readonly closed?: { readonly reason?: string; readonly retriedAs?: string }
  /** When it came to its end, by this device's clock. */
  readonly endedAt?: number
}

/** What goes out, kept as it was made: the server compares what comes again under a key with what came first. */
export interface WriteRequest {
  readonly path: string
  /** JSON. */
  readonly body: string
}

/** A write as it is kept. No token is ever part of it. */
export interface StoredWrite extends QueuedWrite {
  readonly request: WriteRequest
  /**
   * With `sending`: which queue object has it under way, until when at most, and whether an earlier attempt may have reached
   * the server.
   */
  readonly claim?: { readonly by: string; readonly until: number; readonly wasSent: boolean }
}

/** Rows to write and ids of rows to remove, in the same transaction, and what to resolve with. */
export interface StoreChange<T> {
  readonly put?: readonly StoredWrite[]
  readonly remove?: readonly string[]
  readonly result: T
}

/** Where writes are kept: `memoryWriteStore`, `indexedDbWriteStore`, or your own. Shared by all queues of one origin. */
export interface WriteStore {
  /** Every row, whoever made it, by `n`. */
  readonly read: () => Promise<readonly StoredWrite[]>
  /**
   * Calls `change` with every row, inside one transaction that no other one interleaves with, and resolves with its result
   * once what it changed is safe from a power cut. Rejects, with nothing changed, where it cannot be kept.
   */
  readonly transact: <T>(change: (rows: readonly StoredWrite[]) => StoreChange<T>) => Promise<T>
  /** Calls `listener` after others (queues, tabs) may have changed rows. Returns the unsubscribe. */
  readonly onChange: (listener: () => void) => () => void
}

/** A value that changes, as `useSyncExternalStore` wants it. */
export interface Watched<T> {
  readonly get: () => T
  readonly subscribe: (listener: () => void) => () => void
}

/** What the queue looks at of the stock: `InventoryView` fits. */
export interface WatchedStock {
  readonly get: (sku: string) => Item | undefined
  readonly position: () => Position | null
  readonly subscribe: (target: undefined, listener: () => void) => () => void
}

/** The effect of what is pending on the usable quantity of an item. */
export interface PendingEffect {
  /** Usable units that pending writes add, or take. The sum with the view's quantity may fall below 0: short by that. */
  readonly delta: number
  /** How many writes make it up. */
  readonly pending: number
}

/** The writes of the person who is logged in; those of others are counted only. */
export interface WriteQueue {
  /**
   * Keeps a movement and sends it as soon as it can. Resolves when it is safe on this device; rejects, with nothing
   * pending, where nobody is logged in (`SIGNED_OUT`) or the device has no room (`STORE_UNAVAILABLE`).
   */
  readonly add: (movement: Movement) => Promise<QueuedWrite>
  /**
   * What is not at its end, in the order in which it was made: pending, refused, and accepted until the stock view shows it.
   * The same array until it changes.
   */
  readonly list: () => readonly QueuedWrite[]
  /** How many writes of other people wait on this device. */
  readonly othersWaiting: () => number
  readonly effectOn: (sku: string) => PendingEffect
  /**
   * Tries a refused write again, with `changes`: as a new write under a new key, which it resolves with; the refused one is
   * closed. A waiting one goes on as it is, under its own key, and takes no changes. Rejects with `WRITE_NOT_REFUSED` in
   * other states.
   */
  readonly retry: (id: string, changes?: MovementChanges) => Promise<QueuedWrite>
  /**
   * Gives up a write that is refused, or that was never sent; it is kept for 30 days with `reason`. Rejects with
   * `WRITE_UNSETTLED` where the server may have booked it: it has to answer first.
   */
  readonly drop: (id: string, reason: string) => Promise<void>
  readonly subscribe: (listener: () => void) => () => void
}

/** What the server said, as it came. */
export interface WriteAnswer {
  readonly status: number
  /** Undefined where it is not JSON. */
  readonly body: unknown
  /** The header `Retry-After`. */
  readonly retryAfter: string | null
}

/**
 * Sends a write once, with `key` as its Idempotency-Key, and resolves with whatever answer came; rejects with a
 * `RealtimeError` where none did. Must end within 10 s. `createSendWrite` makes one.
 */
export type SendWrite = (
  request: WriteRequest & { readonly key: string; readonly token: string },
) => Promise<WriteAnswer>

export interface WriteQueueOptions {
  readonly store: WriteStore
  readonly send: SendWrite
  /** Of the session; a write goes out only with a token whose user is its author. */
  readonly getToken: GetToken
  /** Who is logged in, as far as this device knows, also without a connection. `UzimaClient.connection` fits through `user`. */
  readonly user: Watched<{ readonly userId: string } | null>
  readonly stock: WatchedStock
  /**
   * Whether an attempt can reach anything. One that cannot still counts as sent, and a write that was sent cannot be dropped.
   * Default: what the browser says (`navigator.onLine`).
   */
  readonly isOnline?: () => boolean
  /** Default: those of the browser, where the page has them. */
  readonly locks?: Pick<LockManager, 'request' | 'query'> | null
  /** Puts off the listeners' call. Default: a microtask. */
  readonly schedule?: (notify: () => void) => void
  /** Failures that change no write: of the store, of the token. Default: unheard. */
  readonly onError?: (error: RealtimeError) => void
  /** Source of the jitter, 0 to 1. Default `Math.random`. */
  readonly random?: () => number
  /** This device's clock, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

/** The queue for who composes the client; `UzimaClient.writes` shows people the first half. */
export interface WriteQueueControl extends WriteQueue {
  /** Reads what is kept; resolves when `list` is right. Sends from then on. */
  readonly start: () => Promise<void>
  /** Sends nothing any more; what is under way ends by itself and is kept. A later `start` goes on. */
  readonly stop: () => void
  /**
   * Does not sit out the back-off, and tries what waits for its author: call it when the connection or the network is back. A
   * new value of `user` does the same.
   */
  readonly wake: () => void
}
