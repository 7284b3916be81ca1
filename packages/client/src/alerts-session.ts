import type { Connected, Position, Role } from '@uzima/contracts'
import { createAlertsView, type AlertsView, type KeptAlerts } from './alerts-view.js'
import type { RealtimeError } from './errors.js'
import { unlessForbidden } from './may-read.js'
import type { StockEvent } from './ordered-delivery.js'
import type { RestClient } from './rest-client.js'
import type { KeptStock } from './store/stock-store.js'

export interface AlertsSessionOptions {
  readonly rest: Pick<RestClient, 'alerts'>
  readonly seen: (id: string) => Promise<void>
  readonly schedule: (notify: () => void) => void
  /** Until when nothing is missing, by the connection. */
  readonly asOf: () => number | null
  /** What is to be kept has changed. */
  readonly onChange: () => void
  readonly onError: (error: RealtimeError) => void
}

/** The alerts that are shown, read anew whenever the log alone does not tell what changed: of another person, or right. */
export interface AlertsSession {
  readonly view: AlertsView
  readonly kept: () => KeptAlerts
  /** Shows what was kept with the stock of this person. */
  readonly show: (kept: KeptStock) => void
  readonly connected: (connected: Connected) => void
  readonly reset: () => void
  readonly role: (role: Role) => void
  /** The stock was read; entries up to there are not handed on. */
  readonly snapshot: (position: Position) => void
  readonly event: (event: StockEvent) => void
  /** There will be no connection for a while; what is shown stays. */
  readonly stop: () => void
  readonly leave: () => void
}

export const createAlertsSession = ({ rest, ...options }: AlertsSessionOptions): AlertsSession => {
  const feed = createAlertsView({
    ...options,
    load: () => unlessForbidden(rest.alerts.snapshot),
    acknowledge: rest.alerts.acknowledge,
  })
  /** Without a role: what is shown has to be read, whatever it is now. */
  let viewer: { readonly userId: string; readonly role?: Role } | undefined
  let isResumed = false

  const leave = (): void => {
    viewer = undefined
    feed.clear()
  }

  return {
    view: feed,
    kept: feed.kept,
    show: ({ user: { userId }, alerts }) => {
      viewer = { userId }
      if (alerts !== undefined) feed.show(alerts)
    },
    connected: ({ userId, role, resumed }) => {
      if (viewer !== undefined && viewer.userId !== userId) leave()
      const isSame = viewer?.role === role
      viewer = { userId, role }
      isResumed = resumed
      if (!resumed || !isSame) feed.reload()
    },
    reset: () => {
      // Else they are being read for this very reason.
      if (isResumed) feed.reload()
    },
    role: (role) => {
      if (viewer === undefined || viewer.role === role) return
      viewer = { ...viewer, role }
      feed.reload()
    },
    snapshot: feed.begins,
    event: (event) => {
      if (event.name === 'alert:raised' || event.name === 'alert:changed') {
        feed.receive(event.payload)
      }
    },
    stop: () => {
      feed.end()
      if (viewer !== undefined) viewer = { userId: viewer.userId }
    },
    leave,
  }
}
