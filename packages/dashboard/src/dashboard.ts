import {
  createRealtimeClient,
  createRestClient,
  createSessionTokens,
  createStockView,
  type ConnectionStatus,
  type RealtimeClient,
  type RestClient,
  type StockView,
} from '@uzima/client'
import type { User } from '@uzima/contracts'
import { ERRORS, isErrorCode, roleAllows } from '@uzima/contracts/values'
import { SILENCE_LIMIT_MS } from './connection-text.js'
import { createStore, type Store } from './store.js'

export interface DashboardState {
  /** Who is logged in; null when nobody is. */
  readonly user: User | null
  /** Why the last session ended, where it was not the person who ended it. */
  readonly notice: string | null
  readonly status: ConnectionStatus
  /** When the stock on the screen was last known to be complete, in milliseconds since 1970. */
  readonly asOf: number | null
}

/** Everything the page needs that is not drawing. */
export interface Dashboard {
  readonly store: Store<DashboardState>
  readonly stock: StockView
  readonly rest: RestClient
  readonly login: (username: string, password: string) => Promise<User>
  /** Goes on after a reload; resolves with null where nobody was logged in. */
  readonly restore: () => Promise<User | null>
  readonly logout: () => void
  /** Tries to connect now. */
  readonly reconnect: () => void
}

const REFRESH_TOKEN_KEY = 'uzima.refreshToken'

const NOT_CONNECTED: ConnectionStatus = {
  phase: 'disconnected',
  code: 'STOPPED',
  reason: 'Nobody is logged in',
  since: 0,
  synced: false,
  lastContactAt: null,
}

/** Wires the client for this page. `home` is the folder of the page's own address: below it is all that it calls. */
export const createDashboard = (home: URL): Dashboard => {
  let client: RealtimeClient | undefined
  const stock = createStockView({ schedule: scheduleDrawing })
  const session = createSessionTokens({
    baseUrl: home.href,
    // The session's storage: a reload on a tablet must not ask for the password, but a closed tab must, and
    // no other tab may read it. Only the refresh token, which is good for one use; never the access token.
    storage: {
      read: () => sessionStorage.getItem(REFRESH_TOKEN_KEY),
      write: (refreshToken) => {
        if (refreshToken === null) sessionStorage.removeItem(REFRESH_TOKEN_KEY)
        else sessionStorage.setItem(REFRESH_TOKEN_KEY, refreshToken)
      },
    },
    onUser: (user) => {
      if (user === null) leave('Your session has ended. Log in again.')
      else enter(user)
    },
  })
  const rest = createRestClient({ baseUrl: home.href, getToken: session.getToken })

  const canReadStock = (): boolean => {
    const { user } = store.get()
    return user !== null && roleAllows(user.role, 'stock:read')
  }

  /** One for each log-in: the next person at this screen begins with nothing of the last one's. */
  const connect = (): RealtimeClient =>
    createRealtimeClient({
      // A path in it would be a namespace.
      url: home.origin,
      path: `${home.pathname}socket.io/`,
      getToken: session.getToken,
      loadSnapshot: async () => (canReadStock() ? rest.inventory.snapshot() : null),
      onSnapshot: (snapshot) => {
        stock.dispatch({ type: 'snapshot', snapshot })
      },
      onEvent: (event) => {
        if (canReadStock()) stock.dispatch({ type: 'event', event })
      },
      onRole: (role) => {
        const { user } = store.get()
        if (user !== null) store.set({ user: { ...user, role } })
        if (!canReadStock()) stock.dispatch({ type: 'clear' })
      },
      onStatus: (status) => {
        store.set({ status, ...(status.synced ? { asOf: status.lastContactAt } : {}) })
        // The server ended the session, not the network: what is on the screen is no longer this person's to see.
        if (status.phase === 'disconnected' && endsSession(status.code)) {
          leave(`You were logged out: ${status.reason}.`)
          session.forget()
        }
      },
    })

  const store = createStore<DashboardState>({
    user: null,
    notice: null,
    status: NOT_CONNECTED,
    asOf: null,
  })

  const enter = (user: User): void => {
    stock.dispatch({ type: 'clear' })
    client?.stop()
    client = connect()
    store.set({ user, notice: null, asOf: null, status: client.status() })
    client.start()
  }

  const leave = (notice: string | null): void => {
    if (store.get().user === null) return
    store.set({ user: null, notice, asOf: null })
    client?.stop()
    client = undefined
    stock.dispatch({ type: 'clear' })
  }

  const reconnect = (): void => {
    client?.wake()
    client?.start()
  }

  addEventListener('online', () => {
    client?.wake()
  })
  document.addEventListener('visibilitychange', () => {
    const { status } = store.get()
    if (document.hidden || client === undefined) return
    const silentMs = Date.now() - (status.lastContactAt ?? Date.now())
    // After standby the old socket may look open for minutes; a new one resumes where it was.
    if (status.phase === 'connected' && silentMs > SILENCE_LIMIT_MS) {
      client.stop()
      client.start()
    } else {
      client.wake()
    }
  })

  return {
    store,
    stock,
    rest,
    login: session.login,
    restore: session.restore,
    logout: () => {
      leave(null)
      // Here it is over at once; a server that cannot be told ends it when the tokens expire.
      session.logout().catch(() => undefined)
    },
    reconnect,
  }
}

/** Authentication is over, as against a connection that is refused for another reason. */
const endsSession = (code: string): boolean =>
  isErrorCode(code) ? ERRORS[code].status === 401 : code === 'SIGNED_OUT'

/** One drawing per frame, also in a hidden tab, where there are no frames. */
const scheduleDrawing = (draw: () => void): void => {
  if (document.hidden) setTimeout(draw, 250)
  else requestAnimationFrame(draw)
}
