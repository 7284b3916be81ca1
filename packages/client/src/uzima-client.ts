import { createConnectionRecord } from './connection-info.js'
import { realtimeErrorFrom, type RealtimeError } from './errors.js'
import { createHttp } from './http.js'
import { createAlertsSession } from './alerts-session.js'
import { unlessForbidden } from './may-read.js'
import { createRealtimeClient, notConnected } from './realtime-client.js'
import type { RealtimeClient } from './realtime-options.js'
import { createRestClient, type StockSnapshot } from './rest-client.js'
import { createServerClock } from './server-clock.js'
import { createStockSession } from './stock-session.js'
import type { KeptStock } from './store/stock-store.js'
import { memoryStore } from './store/uzima-store.js'
import type { UzimaClient, UzimaClientOptions } from './uzima-client-types.js'
import { startWakeDetector } from './wake-detector.js'
import { within } from './within.js'
import { createSendWrite } from './writes/send-write.js'
import { createWriteQueue } from './writes/write-queue.js'

/** Longer than any store takes that works: live stock does not wait for one that hangs. */
const OPEN_WITHIN_MS = 5_000

/** Makes the one door to the service. Nothing happens before `start`. */
export const createUzimaClient = (options: UzimaClientOptions): UzimaClient => {
  const { getToken, userId, store = memoryStore(), schedule = queueMicrotask } = options
  const { onError = () => undefined } = options
  const home = new URL(options.url.replace(/\/?$/, '/'))
  const baseUrl = home.href
  const clock = createServerClock()
  const onServerTime = clock.heard
  const rest = createRestClient({ baseUrl, getToken, onServerTime })
  const probe = createHttp({ baseUrl, maxAttempts: 1, onServerTime })
  const connection = createConnectionRecord(clock, schedule)

  let realtime: RealtimeClient | undefined
  /** Grows with each start and stop: what was begun before is not gone on with. */
  let generation = 0
  let stopWaking: (() => void) | undefined
  /** Whom the caller says to be logged in, until the service says otherwise. */
  let expected = userId === undefined ? null : { userId }

  const reportStore = (thrown: unknown): void => {
    onError(realtimeErrorFrom(thrown, 'STORE_UNAVAILABLE'))
  }

  const alerts = createAlertsSession({
    rest,
    seen: (id) => realtime?.seeAlert(id) ?? Promise.reject(notConnected()),
    schedule,
    asOf: () => connection.get().asOf,
    onChange: () => {
      session.touched()
    },
    onError,
  })
  const session = createStockSession({
    store: store.stock,
    clock,
    connection,
    alerts,
    schedule,
    onDiverged: (divergence) => realtime?.reportDivergence(divergence),
    onRepair: () => realtime?.reload(),
    onError: reportStore,
  })
  const writes = createWriteQueue({
    store: store.writes,
    send: createSendWrite({ baseUrl }),
    getToken,
    user: { ...connection, get: () => connection.get().user ?? expected },
    stock: session.inventory,
    schedule,
    onError,
  })

  const loadSnapshot = async (): Promise<StockSnapshot | null> => {
    const snapshot = await unlessForbidden(rest.inventory.snapshot)
    if (snapshot === null) session.forbid()
    return snapshot
  }

  const onFailed = ({ retryable, fromService }: RealtimeError): void => {
    if (retryable) {
      if (!fromService) void explainFailure()
      return
    }
    if (fromService) session.forbid()
    session.leave()
    expected = null
    // Its position is of a view that is gone.
    realtime = undefined
  }

  /** Asks over plain HTTP what stands between: a log-in page of the network answers where a socket only fails. */
  const explainFailure = async (): Promise<void> => {
    try {
      await probe({ method: 'GET', path: '/health/live' })
    } catch (thrown) {
      const { code, message: reason, status } = realtimeErrorFrom(thrown, 'NETWORK_ERROR')
      // Until there is something newer to say.
      if (status !== undefined && connection.get().phase === 'connecting') {
        connection.set({ code, reason })
      }
    }
  }

  const makeRealtime = (kept: KeptStock | null): RealtimeClient =>
    createRealtimeClient({
      ...options,
      ...(kept && { position: kept.position, viewer: kept.user }),
      // A path in it would be a namespace.
      url: home.origin,
      path: `${home.pathname}socket.io/`,
      loadSnapshot,
      ...session.hears,
      onConnected: (connected) => {
        session.hears.onConnected(connected)
        writes.wake()
      },
      onFailed,
    })

  const openStock = (): Promise<KeptStock | null> =>
    within(OPEN_WITHIN_MS, session.open(userId)).catch((thrown: unknown) => {
      reportStore(thrown)
      return null
    })

  const wake = (maxSilenceMs?: number): void => {
    realtime?.wake(maxSilenceMs)
    writes.wake()
  }

  return {
    connection,
    inventory: session.inventory,
    writes,
    alerts: alerts.view,
    rest,
    start: async () => {
      const startedIn = ++generation
      stopWaking?.()
      stopWaking = startWakeDetector({
        onWake: () => {
          wake()
        },
        onOnline: () => {
          wake(0)
        },
        onHide: () => {
          realtime?.reportApplied()
          void session.flush()
        },
        onTick: session.inventory.checkDay,
      })
      const kept = realtime === undefined ? await openStock() : null
      if (startedIn !== generation) return
      realtime ??= makeRealtime(kept)
      realtime.start()
      await writes.start().catch(reportStore)
      if (startedIn !== generation) writes.stop()
    },
    stop: async () => {
      generation += 1
      stopWaking?.()
      realtime?.stop()
      alerts.stop()
      writes.stop()
      await session.flush()
    },
    wake: () => {
      wake()
    },
    now: clock.now,
  }
}
