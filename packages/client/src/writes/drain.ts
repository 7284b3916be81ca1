import { browser } from '../browser.js'
import { realtimeErrorFrom } from '../errors.js'
import { createPace } from './pace.js'
import { claimed, parked, sendable, settled, type Beholder } from './rows.js'
import type { TabPresence } from './tab-presence.js'
import { tokenUser } from './token-user.js'
import type { StoreChange, StoredWrite, WriteQueueOptions } from './types.js'
import { UNHEARD, verdictOf, type Verdict } from './verdict.js'

/** The rows as the queue knows them. */
export interface Rows {
  readonly all: () => readonly StoredWrite[]
  /** Changes them in the store, and shows the change. */
  readonly change: <T>(change: (rows: readonly StoredWrite[]) => StoreChange<T>) => Promise<T>
}

/** Sends what may be sent, one after the other. */
export interface Drain {
  /** Looks whether there is something to do. */
  readonly kick: () => void
  /** The same, without sitting out the back-off. */
  readonly wake: () => void
  /** Makes no attempt any more; one under way ends by itself. */
  readonly stop: () => void
}

/** How often it looks whether a write that another tab has under way was left behind. */
const LOOK_AGAIN_MS = 5_000

/**
 * Makes the one loop that sends the writes of whoever is logged in. Whatever happens only sets it going, so a queue never has
 * two attempts under way. Between queues a claim in the store keeps them apart, and where that fails, by a frozen tab or a
 * clock that was set, the key does: the server books it once.
 */
export const createDrain = (
  { user, stock, send, getToken, onError, ...options }: WriteQueueOptions,
  { all, change }: Rows,
  presence: TabPresence,
): Drain => {
  const { now = Date.now, isOnline = () => browser.onLine !== false } = options
  const pace = createPace(options.random ?? Math.random, () => performance.now())
  let isRunning = false
  let isWanted = false
  let isStopped = false
  let staleToken: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const author = (): string | undefined => user.get()?.userId

  const kick = (): void => {
    isWanted = true
    if (isRunning || isStopped) return
    isRunning = true
    void run()
  }

  const run = async (): Promise<void> => {
    clearTimeout(timer)
    let delayMs = Infinity
    // A function, because the compiler does not see that these change during an await.
    const goesOn = (): boolean => isWanted && !isStopped
    while (goesOn()) {
      isWanted = false
      try {
        delayMs = await attemptNext()
        if (delayMs === 0) isWanted = true
      } catch (thrown) {
        // The store fails. What is under way there is found again by its claim.
        pace.pause()
        delayMs = pace.delayMs(all())
        onError?.(realtimeErrorFrom(thrown, 'STORE_UNAVAILABLE'))
      }
    }
    isRunning = false
    if (delayMs < Infinity && !isStopped) timer = setTimeout(kick, delayMs)
  }

  /** Makes at most one attempt. Gives the milliseconds until the next one; Infinity where something has to happen first. */
  const attemptNext = async (): Promise<number> => {
    const person = author()
    if (person === undefined || !isOnline()) return Infinity
    const living = await presence.living()
    const beholder = { by: presence.id, living, now: now() }
    const mayGo = sendable(all(), person, beholder)
    const next = pace.choose(mayGo)
    const token = next && (await tokenOf(person))
    if (next === undefined || token === undefined) return delayOf(mayGo, person)
    const row = await change((rows) => {
      // The renewal of the token may have taken a while.
      const result = claimed(rows, next, { ...beholder, now: now() })
      return { put: result ? [result] : [], result }
    })
    if (row !== undefined) {
      const verdict = await attempt(row, token)
      staleToken = verdict.kind === 'stale_token' ? token : undefined
      pace.note(row.id, verdict)
      await conclude(row, verdict, beholder)
    }
    return 0
  }

  const delayOf = (mayGo: readonly StoredWrite[], person: string): number => {
    const isElsewhere = all().some(
      (row) => row.author === person && row.state === 'sending' && !mayGo.includes(row),
    )
    return Math.min(pace.delayMs(mayGo), isElsewhere ? LOOK_AGAIN_MS : Infinity)
  }

  /** A token of this person; undefined where there is none to be had now. */
  const tokenOf = async (person: string): Promise<string | undefined> => {
    try {
      const token = await getToken({ staleToken })
      if (author() === person && tokenUser(token) === person) return token
      // In the middle of a change of person: nobody sends another's writes.
      pace.pause()
    } catch (thrown) {
      const error = realtimeErrorFrom(thrown, 'TOKEN_UNAVAILABLE')
      pace.pause(error.retryAfterMs)
      onError?.(error)
      if (!error.retryable && author() === person) {
        await change((rows) => ({ put: parked(rows, person), result: undefined }))
      }
    }
    return undefined
  }

  const attempt = async (row: StoredWrite, token: string): Promise<Verdict> => {
    // This tab may have slept since the claim, for so long that others have dealt with the write.
    const isLate = now() >= (row.claim?.until ?? 0)
    if (isLate || isStopped || author() !== row.author) return { kind: 'not_sent' }
    return send({ ...row.request, key: row.id, token }).then(verdictOf, () => UNHEARD)
  }

  const conclude = (
    { id, author: person }: StoredWrite,
    verdict: Verdict,
    { by }: Beholder,
  ): Promise<void> =>
    change((rows) => {
      const news = { by, now: now(), epoch: stock.position()?.epoch }
      return {
        put: [
          ...(verdict.kind === 'signed_out' ? parked(rows, person) : []),
          ...rows.flatMap((row) => (row.id === id ? (settled(row, verdict, news) ?? []) : [])),
        ],
        result: undefined,
      }
    })

  return {
    kick,
    wake: () => {
      pace.reset()
      kick()
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
