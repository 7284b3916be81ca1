import type { RestClient } from '@uzima/client'
import { RealtimeError } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import {
  bodyOf,
  isDone,
  overtakenField,
  type FieldChange,
  type FieldValue,
  type ItemChange,
} from './fields.js'

/** What became of a change. */
export type Outcome =
  | { readonly state: 'saved' }
  /** Somebody else has made something else of it since it was shown: `now`. */
  | { readonly state: 'overtaken'; readonly field: FieldChange; readonly now: FieldValue }
  | { readonly state: 'refused'; readonly error: unknown }
  /** Not tried, because it was stopped before its turn. */
  | { readonly state: 'stopped' }

export interface ApplyOptions {
  readonly rest: Pick<RestClient['inventory'], 'get' | 'update'>
  /** The item as the live stock has it; saves a question for each. */
  readonly find: (sku: string) => Item | undefined
  readonly onOutcome: (change: ItemChange, outcome: Outcome) => void
  /** Lets no change begin any more; those under way end. */
  readonly signal: AbortSignal
  /** How long to wait before the next try of the same, in ms. Default: 0.5 s, doubling to 8 s. */
  readonly waitMs?: (failures: number) => number
}

/**
 * The server lets a user do four things at a time: one is left for the rest of the page. Each change is one of the log, so
 * that the movements of others go in between.
 */
const AT_A_TIME = 3
/** With the waiting between them two minutes: longer than a server needs to restart. */
const MAX_FAILURES = 18

/**
 * Makes the changes, each once however often its answer is lost: a change is sent for the version that was looked at, and
 * after any doubt the item is read before it is sent again. Resolves when all have an outcome; never rejects.
 */
export const applyChanges = async (
  changes: readonly ItemChange[],
  options: ApplyOptions,
): Promise<void> => {
  const rest = changes.values()
  let gone = false
  const work = async (): Promise<void> => {
    for (const change of rest) {
      const outcome: Outcome =
        gone || options.signal.aborted ? { state: 'stopped' } : await applyOne(change, options)
      // Whoever is not let in any more is not let in for the rest either.
      gone ||= outcome.state === 'refused' && isSignedOut(outcome.error)
      options.onOutcome(change, outcome)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
}

const applyOne = async (change: ItemChange, options: ApplyOptions): Promise<Outcome> => {
  const { rest, find, signal, waitMs = defaultWaitMs } = options
  let item = find(change.sku)
  for (let failures = 0; ;) {
    try {
      item ??= await rest.get(change.sku)
      if (isDone(item, change)) return { state: 'saved' }
      const overtaken = overtakenField(item, change)
      if (overtaken !== undefined) {
        return { state: 'overtaken', field: overtaken, now: item[overtaken.field] }
      }
      await rest.update(change.sku, bodyOf(change), item.version)
      return { state: 'saved' }
    } catch (error) {
      failures += 1
      // Stock that moves makes a new version, too: what matters is whether these fields are as they were shown.
      const isNewer = error instanceof RealtimeError && error.status === PRECONDITION_FAILED
      const mayTryAgain = isNewer || (error instanceof RealtimeError && error.retryable)
      if (!mayTryAgain || failures > MAX_FAILURES || signal.aborted) {
        return { state: 'refused', error }
      }
      if (!isNewer) await wait(Math.max(waitMs(failures), error.retryAfterMs ?? 0), signal)
      item = undefined
    }
  }
}

const PRECONDITION_FAILED = 412

const isSignedOut = (error: unknown): boolean =>
  error instanceof RealtimeError && (error.status === 401 || error.status === 403)

const defaultWaitMs = (failures: number): number => Math.min(500 * 2 ** (failures - 1), 8_000)

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
