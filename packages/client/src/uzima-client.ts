import { createConnectionRecord } from './connection-info.js'
import { realtimeErrorFrom, type RealtimeError } from './errors.js'
import { createHttp } from './http.js'
import { createPendingParts } from './pending-parts.js'
import { createRealtimeClient } from './realtime-client.js'
import type { ConnectionStatus, RealtimeClient } from './realtime-options.js'
import { createRestClient, type StockSnapshot } from './rest-client.js'
import { createServerClock } from './server-clock.js'
import { createStockSession } from './stock-session.js'
import type { KeptStock } from './store/stock-store.js'
import { memoryStore } from './store/uzima-store.js'
import type { UzimaClient, UzimaClientOptions } from './uzima-client-types.js'
import { startWakeDetector } from './wake-detector.js'

/** Longer than any store takes that works: live stock does not wait for one that hangs. */
const OPEN_WITHIN_MS = 5_000

/** Makes the one door to the service. Nothing happens before `start`. */
export const createUzimaClient = (options: UzimaClientOptions): UzimaClient => {
  const home = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`)
  const schedule = options.schedule ?? queueMicrotask
  const store = options.store ?? memoryStore()
  const clock = createServerClock()
  const onServerTime = clock.heard
  const rest = createRestClient({ baseUrl: home.href, getToken: options.getToken, onServerTime })
  const connection = createConnectionRecord(clock, schedule)

  const report = (thrown: unknown): void => {
    options.onError?.(realtimeErrorFrom(thrown, 'STORE_UNAVAILABLE'))
  }
  const session = createStockSession({
    store: store.stock,
    clock,
    connection,
    schedule,
    onError: report,
  })

  let realtime: RealtimeClient | undefined
  /** Grows with each start and stop: what was begun before is not gone on with. */
  let generation = 0
  let stopWaking: (() => void) | undefined

  const loadSnapshot = async (): Promise<StockSnapshot | null> => {
    try {
      return await rest.inventory.snapshot()
    } catch (thrown) {
      const error = realtimeErrorFrom(thrown, 'NETWORK_ERROR')
      // The service alone knows what a role may read.
      if (!error.fromService || error.status !== 403) throw error
      session.forbid()
      return null
    }
  }

  const onStatus = (status: ConnectionStatus): void => {
    connection.setStatus(status)
    if (!status.synced || status.lastContactAt === null) return
    connection.set({ asOf: clock.at(status.lastContactAt) })
    session.confirmed()
  }

  const onFailed = (error: RealtimeError): void => {
    if (error.retryable) {
      if (!error.fromService) void explainFailure()
      return
    }
    if (error.fromService) session.forbid()
    session.leave()
    // Its position is of a view that is gone.
    realtime = undefined
  }

  /** Asks over plain HTTP what stands between: a log-in page of the network answers where a socket only fails. */
  const explainFailure = async (): Promise<void> => {
    const startedIn = generation
    try {
      await probe({ method: 'GET', path: '/health/live' })
    } catch (thrown) {
      const { code, message, status } = realtimeErrorFrom(thrown, 'NETWORK_ERROR')
      if (status !== undefined && startedIn === generation) {
        connection.explain({ code, reason: message })
      }
    }
  }
  const probe = createHttp({ baseUrl: home.href, maxAttempts: 1, onServerTime })

  const makeRealtime = (kept: KeptStock | null): RealtimeClient =>
    createRealtimeClient({
      // A path in it would be a namespace.
      url: home.origin,
      path: `${home.pathname}socket.io/`,
      getToken: options.getToken,
      ...(options.transports === undefined ? {} : { transports: options.transports }),
      ...(kept === null ? {} : { position: kept.position, viewer: kept.user }),
      loadSnapshot,
      onSnapshot: session.snapshot,
      onEvent: session.event,
      onConnected: session.connected,
      onRole: session.role,
      onRenewed: (sessionExpiresAt) => {
        connection.set({ sessionExpiresAt })
      },
      onFailed,
      onStatus,
      onError: (error) => options.onError?.(error),
    })

  const open = async (): Promise<KeptStock | null> => {
    try {
      return await within(OPEN_WITHIN_MS, session.open(options.userId))
    } catch (thrown) {
      report(thrown)
      return null
    }
  }

  return {
    connection,
    inventory: session.inventory,
    ...createPendingParts(rest, () => connection.get().user),
    rest,
    start: async () => {
      const startedIn = ++generation
      stopWaking?.()
      stopWaking = startWakeDetector({
        onWake: () => realtime?.wake(),
        onOnline: () => realtime?.wake(0),
        onHide: () => void session.flush(true),
        onTick: session.inventory.checkDay,
      })
      if (realtime === undefined) {
        const kept = await open()
        if (startedIn !== generation) return
        realtime ??= makeRealtime(kept)
      }
      realtime.start()
    },
    stop: async () => {
      generation += 1
      stopWaking?.()
      realtime?.stop()
      await session.flush(true)
    },
    wake: () => realtime?.wake(),
    now: clock.now,
  }
}

const within = async <T>(limitMs: number, work: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The store did not answer in ${limitMs.toString()} ms`))
    }, limitMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
