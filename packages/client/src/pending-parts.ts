import type { AlertsView } from './uzima-client-types.js'

/** A stand-in with the right shape, so that pages can be built against it; the alerts replace it. */
export const noAlerts: AlertsView = {
  list: () => NONE,
  subscribe: () => () => undefined,
  acknowledge: () => Promise.reject(new TypeError('Alerts are not there yet')),
  seen: () => Promise.resolve(),
}

const NONE: readonly never[] = []
