import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createDatabase,
  indexedDbWriteStore,
  memoryWriteStore,
  RealtimeError,
  type GetToken,
  type StoredWrite,
  type WriteStore,
} from '@uzima/client'
import { IDBFactory } from 'fake-indexeddb'
import type { Random } from '../rig/random.js'
import { openTab, type Tab } from './tab.js'
import type { Person, World } from './world.js'

/** A shared tablet: one store, one session, up to two tabs, a clock that anybody may set. */
export interface Device {
  readonly tabs: () => readonly Tab[]
  readonly openTab: () => Promise<void>
  readonly person: () => Person | null
  /** Somebody logs in, or (null) out. For a moment, the token may be that of another than the one who is shown. */
  readonly logIn: (person: Person | null, tokenFirst: boolean) => Promise<void>
  /** The token in memory has expired; the next renewal succeeds. */
  readonly expireToken: () => void
  /** The token in memory was ended by the server: the person has to log in. */
  readonly setRenewal: (how: 'works' | 'unreachable' | 'refused') => void
  readonly setFull: (isFull: boolean) => void
  readonly moveClock: (byMs: number) => void
  /** Every row, as the store has it. */
  readonly rows: () => Promise<readonly StoredWrite[]>
  /** How many requests went out under a key that had been used before. */
  readonly repeats: () => number
  /** What was wrong on the wire: a token of another, or a body that has changed. */
  readonly wireFaults: readonly string[]
  readonly close: () => Promise<void>
}

/** Makes a device on which nobody is logged in, and no tab is open. */
export const createDevice = (world: World, random: Random): Device => {
  const kept = keepWrites(random)
  const store = kept.open()
  const listeners = new Set<() => void>()
  const wireFaults: string[] = []
  const bodies = new Map<string, string>()
  let tabs: readonly Tab[] = []
  let shown: Person | null = null
  let session: Person | null = null
  let token: string | undefined
  let renewal: 'works' | 'unreachable' | 'refused' = 'works'
  let isFull = false
  let clockOffsetMs = 0
  let repeats = 0

  const getToken: GetToken = async ({ staleToken }) => {
    await Promise.resolve()
    const person = session
    if (person === null || renewal === 'refused') {
      throw new RealtimeError('SIGNED_OUT', 'Nobody is logged in', { retryable: false })
    }
    if (token !== undefined && token !== staleToken) return token
    if (renewal === 'unreachable') {
      throw new RealtimeError('NETWORK_ERROR', 'No renewal', { retryable: true })
    }
    token = world.signToken(person)
    return token
  }

  const guarded = (store: WriteStore): WriteStore => ({
    ...store,
    transact: (change) =>
      store.transact((rows) => {
        const changed = change(rows)
        if (isFull && (changed.put?.length ?? 0) > 0) {
          throw new DOMException('No room', 'QuotaExceededError')
        }
        return changed
      }),
  })

  const close = async (): Promise<void> => {
    await Promise.all(tabs.map((tab) => tab.close()))
    kept.close()
  }

  return {
    tabs: () => tabs,
    openTab: async () => {
      const dead = tabs.filter((tab) => tab.isDead())
      tabs = tabs.filter((tab) => !tab.isDead())
      await Promise.all(dead.map((tab) => tab.close()))
      const tab = await openTab({
        world,
        store: guarded(kept.open()),
        user: {
          get: () => shown,
          subscribe: (listener) => {
            listeners.add(listener)
            return () => {
              listeners.delete(listener)
            }
          },
        },
        getToken,
        now: () => Date.now() + clockOffsetMs,
        random: random.fork(String(tabs.length)),
        onSend: ({ key, body, token: shownToken }) => {
          // The test reads what goes over the wire by itself.
          const claims = JSON.parse(
            Buffer.from(shownToken.split('.')[1] ?? '', 'base64url').toString(),
          ) as { id: string }
          if (bodies.has(key)) repeats += 1
          const before = bodies.get(key) ?? `${claims.id} ${body}`
          if (before !== `${claims.id} ${body}`) wireFaults.push(`${key}: ${before} became ${body}`)
          bodies.set(key, before)
        },
      })
      tabs = [...tabs, tab]
    },
    person: () => shown,
    logIn: async (person, tokenFirst) => {
      const show = (): void => {
        shown = person === null ? null : { ...person }
        for (const listener of [...listeners]) listener()
      }
      const change = (): void => {
        session = person
        token = undefined
        renewal = 'works'
      }
      for (const step of tokenFirst ? [change, show] : [show, change]) {
        step()
        for (const { queue } of tabs) queue.wake()
        await delay(random.int(0, 10))
      }
      for (const { queue } of tabs) queue.wake()
    },
    expireToken: () => {
      if (session !== null) token = world.signToken(session, { expired: true })
    },
    setRenewal: (how) => {
      renewal = how
      if (how !== 'works') token = undefined
    },
    setFull: (full) => {
      isFull = full
    },
    moveClock: (byMs) => {
      clockOffsetMs += byMs
    },
    rows: store.read,
    repeats: () => repeats,
    wireFaults,
    close,
  }
}

/** In memory, or in IndexedDB, each tab with a connection of its own. */
const keepWrites = (
  random: Random,
): { readonly open: () => WriteStore; readonly close: () => void } => {
  if (random.chance(0.5)) {
    const store = memoryWriteStore()
    return { open: () => store, close: () => undefined }
  }
  const factory = new IDBFactory()
  // Tabs of one device talk over a channel of this name, and all devices of a run share the process.
  const name = `uzima-${randomUUID()}`
  const opened: { readonly close: () => void }[] = []
  return {
    open: () => {
      const database = createDatabase({ factory, name })
      opened.push(database)
      return indexedDbWriteStore(database)
    },
    close: () => {
      for (const database of opened) database.close()
    },
  }
}
