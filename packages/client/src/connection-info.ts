import { createSignal } from './subscriptions.js'
import type { Observable } from './observable.js'
import { NOT_STARTED } from './realtime-client.js'
import type { ServerClock } from './server-clock.js'
import type { ConnectionInfo } from './uzima-client-types.js'

export interface ConnectionRecord extends Observable<ConnectionInfo> {
  /** Takes what is known anew; `since` and `lastContactAt` by this device's clock. */
  readonly set: (news: Partial<ConnectionInfo>) => void
}

export const createConnectionRecord = (
  clock: ServerClock,
  schedule: (notify: () => void) => void,
): ConnectionRecord => {
  const { subscribe, tell } = createSignal(schedule)
  /** With the times of this device's clock: how wrong that is may be heard later. */
  let known: ConnectionInfo = {
    ...NOT_STARTED,
    user: null,
    asOf: null,
    verifiedAt: null,
    divergences: 0,
    sessionExpiresAt: null,
  }
  let info = known

  return {
    get: () => info,
    subscribe,
    set: (news) => {
      known = { ...known, ...news }
      const { since, lastContactAt } = known
      info = {
        ...known,
        since: clock.at(since),
        lastContactAt: lastContactAt && clock.at(lastContactAt),
      }
      tell()
    },
  }
}
