import type { Connected, Divergence, InventoryDigest, Role } from '@uzima/contracts'
import type { AlertsSession } from './alerts-session.js'
import type { ConnectedUser } from './connected-user.js'
import type { ConnectionRecord } from './connection-info.js'
import { createDigestCheck } from './digest.js'
import { createInventoryView, type LiveInventory } from './inventory/inventory-view.js'
import type { StockEvent } from './ordered-delivery.js'
import type { StockSnapshot } from './rest-client.js'
import type { ServerClock } from './server-clock.js'
import { createStockKeeper } from './store/stock-keeper.js'
import type { KeptStock, StockStore } from './store/stock-store.js'

export interface StockSessionOptions {
  readonly store: StockStore
  readonly clock: ServerClock
  readonly connection: ConnectionRecord
  /** What is kept and shown with the stock. */
  readonly alerts: () => Pick<AlertsSession, 'kept' | 'show'>
  readonly schedule: (notify: () => void) => void
  /** The view is wrong. */
  readonly onDiverged: (divergence: Divergence) => void
  /** A snapshot is wanted in its place. */
  readonly onRepair: () => void
  readonly onError: (thrown: unknown) => void
}

/** The stock that is shown, and whose it is: nobody ever sees what was read under another's right. */
export interface StockSession {
  readonly inventory: LiveInventory
  /** Reads what is kept; shows it at once where it is known whose screen this is. */
  readonly open: (userId: string | undefined) => Promise<KeptStock | null>
  readonly connected: (connected: Connected) => void
  readonly role: (role: Role) => void
  readonly snapshot: (snapshot: StockSnapshot) => void
  readonly event: (event: StockEvent) => void
  readonly digest: (digest: InventoryDigest) => void
  /** What is kept with it has changed. */
  readonly touched: () => void
  /** The view is complete as of now. */
  readonly confirmed: () => void
  /** The right to see it is gone: so is what is shown, and what is kept. */
  readonly forbid: () => void
  /** Shows nothing; what is kept stays for its owner. */
  readonly leave: () => void
  readonly flush: (leave?: boolean) => Promise<void>
}

export const createStockSession = (options: StockSessionOptions): StockSession => {
  const { clock, connection } = options
  let owner: ConnectedUser | null = null
  /** Kept, and not shown before the server has said whose screen this is. */
  let unclaimed: KeptStock | null = null

  const inventory = createInventoryView({
    schedule: options.schedule,
    now: clock.now,
    onChange: (sku) => {
      keeper.changed(sku)
    },
  })
  const keeper = createStockKeeper({
    store: options.store,
    stock: inventory,
    about: () => {
      const { asOf } = connection.get()
      return owner === null || asOf === null
        ? null
        : { user: owner, asOf, clockOffsetMs: clock.offsetMs(), alerts: options.alerts().kept() }
    },
    onError: options.onError,
  })
  const check = createDigestCheck({
    items: () => inventory.list(),
    onVerified: ({ at }) => {
      connection.set({ verifiedAt: Date.parse(at) })
    },
    onDiverged: (divergence) => {
      connection.set({ divergences: connection.get().divergences + 1 })
      options.onDiverged(divergence)
    },
    repair: options.onRepair,
  })

  const show = (kept: KeptStock): void => {
    owner = kept.user
    inventory.replace(kept)
    options.alerts().show(kept)
    check.begin(kept.position.seq)
    keeper.isKept()
    connection.set({ user: kept.user, asOf: kept.asOf })
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
    connection.set({ user: null, asOf: null, verifiedAt: null, sessionExpiresAt: null })
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
    connected: ({ userId, username, role, sessionExpiresAt }) => {
      if (owner !== null && owner.userId !== userId) leave()
      if (unclaimed?.user.userId === userId) show(unclaimed)
      unclaimed = null
      owner = { userId, username, role }
      connection.set({ user: owner, sessionExpiresAt })
    },
    role: (role) => {
      if (owner === null) return
      owner = { ...owner, role }
      connection.set({ user: owner })
    },
    snapshot: (snapshot) => {
      inventory.replace(snapshot)
      check.begin(snapshot.wholeSeq ?? snapshot.position.seq)
      keeper.replaced()
    },
    event: inventory.apply,
    digest: (digest) => {
      clock.hinted(Date.parse(digest.at))
      check.receive(digest)
    },
    touched: keeper.touched,
    confirmed: keeper.confirmed,
    forbid: () => {
      const userId = owner?.userId
      clear()
      if (userId !== undefined) keeper.wipe(userId).catch(options.onError)
    },
    leave,
    flush: keeper.flush,
  }
}
