import type { Connected, Position, Role } from '@uzima/contracts'
import { rolesOf } from './connected-user.js'
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
  /** Whoever it was before has to `leave` first. */
  readonly connected: (connected: Connected) => void
  readonly roles: (roles: readonly Role[]) => void
  /** Entries up to there are not handed on: the stock was read, or the log does not have them any more. */
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
  /** The roles under which what is shown was read; undefined where it has to be read, whatever they are now. */
  let readAs: string | undefined

  const readUnless = (isGood: boolean, roles: readonly Role[]): void => {
    if (isGood && readAs === roles.join()) return
    readAs = roles.join()
    feed.reload()
  }

  return {
    view: feed,
    kept: feed.kept,
    show: ({ alerts }) => {
      readAs = undefined
      if (alerts !== undefined) feed.show(alerts)
    },
    connected: (connected) => {
      readUnless(connected.resumed, rolesOf(connected))
    },
    roles: (roles) => {
      readUnless(true, roles)
    },
    snapshot: feed.begins,
    event: ({ payload }) => {
      if ('alert' in payload) feed.receive(payload)
    },
    stop: () => {
      feed.end()
      readAs = undefined
    },
    leave: () => {
      readAs = undefined
      feed.clear()
    },
  }
}
