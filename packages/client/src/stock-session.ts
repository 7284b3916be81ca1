import type { Divergence } from '@uzima/contracts'
import type { AlertsSession } from './alerts-session.js'
import { rolesOf, type ConnectedUser } from './connected-user.js'
import type { ConnectionRecord } from './connection-info.js'
import { createDigestCheck } from './digest.js'
import { createInventoryView, type LiveInventory } from './inventory/inventory-view.js'
import type { RealtimeClientOptions } from './realtime-options.js'
import type { StockSnapshot } from './rest-client.js'
import type { ServerClock } from './server-clock.js'
import type { ConnectionInfo } from './uzima-client-types.js'
import { createStockKeeper } from './store/stock-keeper.js'
import type { KeptStock, StockStore } from './store/stock-store.js'

export interface StockSessionOptions {
  readonly store: StockStore
  readonly clock: ServerClock
  readonly connection: ConnectionRecord
  /** What is kept and shown with the stock, of the same person. */
  readonly alerts: AlertsSession
  readonly schedule: (notify: () => void) => void
  /** The view is wrong. */
  readonly onDiverged: (divergence: Divergence) => void
  /** A snapshot is wanted in its place. */
  readonly onRepair: () => void
  readonly onError: (thrown: unknown) => void
}

/** The stock that is shown, whose it is and as of when: nobody ever sees what was read under another's right. */
export interface StockSession {
  readonly inventory: LiveInventory
  /** Reads what is kept; shows it at once where it is known whose screen this is. */
  readonly open: (userId: string | undefined) => Promise<KeptStock | null>
  /** What it has to hear of the connection. */
  readonly hears: Heard
  /** What is kept with it has changed. */
  readonly touched: () => void
  /** The right to see it is gone: so is what is shown, and what is kept. */
  readonly forbid: () => void
  /** Shows nothing; what is kept stays for its owner. */
  readonly leave: () => void
  readonly flush: () => Promise<void>
}

type Heard = Pick<
  Required<RealtimeClientOptions<StockSnapshot>>,
  | 'onConnected'
  | 'onDigest'
  | 'onEvent'
  | 'onRenewed'
  | 'onReset'
  | 'onRole'
  | 'onSnapshot'
  | 'onStatus'
>

/** A server that tells no digest has sent what was missed when it has been silent for so long. */
const QUIET_MS = 5_000

export const createStockSession = (options: StockSessionOptions): StockSession => {
  const { alerts, clock, connection, schedule, store, onError } = options
  let owner: ConnectedUser | null = null
  /** Kept, and not shown before the server has said whose screen this is. */
  let unclaimed: KeptStock | null = null
  /** What was missed is on its way, and its end is not told. */
  let isBehind = false
  let quietTimer: ReturnType<typeof setTimeout> | undefined

  const inventory = createInventoryView({
    schedule,
    now: clock.now,
    onChange: (sku) => {
      keeper.changed(sku)
    },
  })
  const keeper = createStockKeeper({
    store,
    stock: inventory,
    about: () => {
      const { asOf } = connection.get()
      if (owner === null || asOf === null) return null
      return { user: owner, asOf, clockOffsetMs: clock.offsetMs(), alerts: alerts.kept() }
    },
    onError,
  })
  const check = createDigestCheck({
    items: inventory.list,
    onVerified: ({ at }) => {
      connection.set({ verifiedAt: Date.parse(at) })
    },
    onDiverged: (divergence) => {
      connection.set({ divergences: connection.get().divergences + 1 })
      options.onDiverged(divergence)
    },
    repair: options.onRepair,
  })

  const setUser = (user: ConnectedUser, more?: Partial<ConnectionInfo>): void => {
    owner = user
    connection.set({ user, ...more })
  }

  const show = (kept: KeptStock): void => {
    inventory.replace(kept)
    alerts.show(kept)
    check.begin(kept.position.seq)
    keeper.isKept()
    setUser({ ...kept.user, roles: rolesOf(kept.user) }, { asOf: kept.asOf })
  }

  const clear = (): void => {
    inventory.clear()
    check.end()
    keeper.replaced()
  }

  const leave = (): void => {
    owner = null
    unclaimed = null
    clear()
    alerts.leave()
    connection.set({ user: null, asOf: null, verifiedAt: null, sessionExpiresAt: null })
  }

  const completeAsOf = (asOf: number): void => {
    connection.set({ asOf })
    keeper.confirmed()
  }

  const caughtUp = (): void => {
    clearTimeout(quietTimer)
    isBehind = false
  }

  const waitForQuiet = (): void => {
    clearTimeout(quietTimer)
    quietTimer = setTimeout(() => {
      isBehind = false
      completeAsOf(clock.now())
    }, QUIET_MS)
  }

  return {
    inventory,
    open: async (userId) => {
      const kept = await keeper.read(userId)
      // A slow store may answer when the server has already.
      if (kept === null || owner !== null) return null
      clock.assume(kept.clockOffsetMs, kept.asOf)
      if (userId === undefined) unclaimed = kept
      else show(kept)
      return kept
    },
    hears: {
      onConnected: (connected) => {
        const { userId, username, role, sessionExpiresAt, resumed } = connected
        if (owner && owner.userId !== userId) leave()
        if (unclaimed?.user.userId === userId) show(unclaimed)
        unclaimed = null
        setUser({ userId, username, role, roles: rolesOf(connected) }, { sessionExpiresAt })
        isBehind = resumed
        if (resumed) waitForQuiet()
        alerts.connected(connected)
      },
      onRole: (role, roles) => {
        if (owner) setUser({ ...owner, role, roles })
        alerts.roles(roles)
      },
      onRenewed: (sessionExpiresAt) => {
        connection.set({ sessionExpiresAt })
      },
      onReset: ({ position }) => {
        alerts.snapshot(position)
      },
      onSnapshot: ({ position, items, wholeSeq = position.seq }) => {
        inventory.replace({ position, items })
        check.begin(wholeSeq)
        keeper.replaced()
        caughtUp()
        alerts.snapshot(position)
      },
      onEvent: (event) => {
        inventory.apply(event)
        if (isBehind) {
          waitForQuiet()
          // Until then, the view was complete.
          completeAsOf(Math.max(connection.get().asOf ?? 0, Date.parse(event.payload.timestamp)))
        }
        alerts.event(event)
      },
      onDigest: (digest) => {
        caughtUp()
        clock.hinted(Date.parse(digest.at))
        check.receive(digest)
      },
      onStatus: (status) => {
        connection.set(status)
        const { synced, lastContactAt } = status
        if (!synced) clearTimeout(quietTimer)
        else if (lastContactAt !== null && !isBehind) completeAsOf(clock.at(lastContactAt))
      },
    },
    touched: keeper.touched,
    forbid: () => {
      const userId = owner?.userId
      clear()
      if (userId !== undefined) keeper.wipe(userId).catch(onError)
    },
    leave,
    flush: keeper.flush,
  }
}
