import type { ConnectedUser } from './connected-user.js'
import { createCompleteness } from './completeness.js'
import { createConnectionRecord } from './connection-info.js'
import { RealtimeError, realtimeErrorFrom } from './errors.js'
import { createHttp } from './http.js'
import { createAlertsSession } from './alerts-session.js'
import { unlessForbidden } from './may-read.js'
import { createRealtimeClient } from './realtime-client.js'
import type { ConnectionStatus, RealtimeClient } from './realtime-options.js'
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
  const home = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`)
  const { getToken, schedule = queueMicrotask } = options
  const store = options.store ?? memoryStore()
  const clock = createServerClock()
  const onServerTime = clock.heard
  const rest = createRestClient({ baseUrl: home.href, getToken, onServerTime })
  const probe = createHttp({ baseUrl: home.href, maxAttempts: 1, onServerTime })
  const connection = createConnectionRecord(clock, schedule)

  let realtime: RealtimeClient | undefined
  /** Grows with each start and stop: what was begun before is not gone on with. */
  let generation = 0
  let stopWaking: (() => void) | undefined
  /** Whom the caller says to be logged in, until the service says otherwise. */
  let expected = options.userId === undefined ? null : { userId: options.userId }

  const reportError = (error: RealtimeError): void => {
    options.onError?.(error)
  }
  const reportStore = (thrown: unknown): void => {
    reportError(realtimeErrorFrom(thrown, 'STORE_UNAVAILABLE'))
  }

  const session = createStockSession({
    store: store.stock,
    clock,
    connection,
    alerts: () => alerts,
    schedule,
    onDiverged: (divergence) => realtime?.reportDivergence(divergence),
    onRepair: () => realtime?.reload(),
    onError: reportStore,
  })
  const completeness = createCompleteness(
    clock,
    () => connection.get().asOf,
    (asOf) => {
      connection.set({ asOf })
      session.confirmed()
    },
  )
  const writes = createWriteQueue({
    store: store.writes,
    send: createSendWrite({ baseUrl: home.href }),
    getToken,
    user: {
      get: (): Pick<ConnectedUser, 'userId'> | null => connection.get().user ?? expected,
      subscribe: connection.subscribe,
    },
    stock: session.inventory,
    schedule,
    onError: reportError,
  })

  const alerts = createAlertsSession({
    rest,
    seen: async (id) => {
      if (realtime === undefined)
        throw new RealtimeError('CONNECTION_LOST', 'Not connected', { retryable: true })
      await realtime.seeAlert(id)
    },
    schedule,
    asOf: () => connection.get().asOf,
    onChange: session.touched,
    onError: reportError,
  })

  const loadSnapshot = async (): Promise<StockSnapshot | null> => {
    const snapshot = await unlessForbidden(rest.inventory.snapshot)
    if (snapshot === null) session.forbid()
    return snapshot
  }

  const onStatus = (status: ConnectionStatus): void => {
    connection.setStatus(status)
    if (!status.synced) completeness.stop()
    else if (status.lastContactAt !== null) completeness.heardAt(status.lastContactAt)
  }

  const onFailed = (error: RealtimeError): void => {
    if (error.retryable) {
      if (!error.fromService) void explainFailure()
      return
    }
    if (error.fromService) session.forbid()
    session.leave()
    alerts.leave()
    expected = null
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

  const makeRealtime = (kept: KeptStock | null): RealtimeClient =>
    createRealtimeClient({
      // A path in it would be a namespace.
      url: home.origin,
      path: `${home.pathname}socket.io/`,
      getToken,
      ...(options.transports === undefined ? {} : { transports: options.transports }),
      ...(kept === null ? {} : { position: kept.position, viewer: kept.user }),
      loadSnapshot,
      onSnapshot: (snapshot) => {
        session.snapshot(snapshot)
        alerts.snapshot(snapshot.position)
        completeness.caughtUp()
      },
      onEvent: (event) => {
        session.event(event)
        alerts.event(event)
        completeness.applied(event.payload.timestamp)
      },
      onDigest: (digest) => {
        completeness.caughtUp()
        session.digest(digest)
      },
      onConnected: (connected) => {
        session.connected(connected)
        alerts.connected(connected)
        completeness.connected(connected.resumed)
        writes.wake()
      },
      onReset: alerts.reset,
      onRole: (role) => {
        session.role(role)
        alerts.role(role)
      },
      onRenewed: (sessionExpiresAt) => {
        connection.set({ sessionExpiresAt })
      },
      onFailed,
      onStatus,
      onError: reportError,
    })

  const openStock = async (): Promise<KeptStock | null> => {
    try {
      return await within(OPEN_WITHIN_MS, session.open(options.userId), 'The store did not answer')
    } catch (thrown) {
      reportStore(thrown)
      return null
    }
  }

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
        onWake: wake,
        onOnline: () => wake(0),
        onHide: () => void session.flush(true),
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
      completeness.stop()
      alerts.stop()
      writes.stop()
      await session.flush(true)
    },
    wake: () => {
      wake()
    },
    now: clock.now,
  }
}
