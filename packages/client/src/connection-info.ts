import { createSignal } from './subscriptions.js'
import type { Observable } from './observable.js'
import { NOT_STARTED } from './realtime-client.js'
import type { ConnectionStatus } from './realtime-options.js'
import type { ServerClock } from './server-clock.js'
import type { ConnectionInfo } from './uzima-client-types.js'

/** What `connection` shows beside the status. */
export type ConnectionFacts = Omit<ConnectionInfo, keyof ConnectionStatus>

export interface ConnectionRecord extends Observable<ConnectionInfo> {
  readonly setStatus: (status: ConnectionStatus) => void
  readonly set: (facts: Partial<ConnectionFacts>) => void
  /** Says more exactly why there is no connection, until there is something newer to say. */
  readonly explain: (why: Pick<ConnectionStatus, 'code' | 'reason'>) => void
}

export const createConnectionRecord = (
  clock: ServerClock,
  schedule: (notify: () => void) => void,
): ConnectionRecord => {
  const { subscribe, tell } = createSignal(schedule)
  let status = NOT_STARTED
  let facts: ConnectionFacts = {
    user: null,
    asOf: null,
    verifiedAt: null,
    divergences: 0,
    sessionExpiresAt: null,
  }
  let info: ConnectionInfo = { ...status, ...facts }

  const publish = (): void => {
    const { since, lastContactAt } = status
    info = {
      ...status,
      ...facts,
      since: clock.at(since),
      lastContactAt: lastContactAt && clock.at(lastContactAt),
    }
    tell()
  }

  return {
    get: () => info,
    subscribe,
    setStatus: (next) => {
      status = next
      publish()
    },
    set: (changes) => {
      facts = { ...facts, ...changes }
      publish()
    },
    explain: (why) => {
      if (status.phase !== 'connecting') return
      status = { ...status, ...why }
      publish()
    },
  }
}
