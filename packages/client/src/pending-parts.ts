import type { ConnectedUser } from './connected-user.js'
import { realtimeErrorFrom } from './errors.js'
import type { RestClient } from './rest-client.js'
import type { AlertsView, Movement, QueuedWrite, WriteQueue } from './uzima-client-types.js'
import { randomUuid } from './uuid.js'

/** Stand-ins with the right shape, so that pages can be built against it; the queue and the alerts replace them. */
export const createPendingParts = (
  rest: RestClient,
  user: () => ConnectedUser | null,
): { readonly writes: WriteQueue; readonly alerts: AlertsView } => {
  const listeners = new Set<() => void>()
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }
  let writes: readonly QueuedWrite[] = []
  const put = (write: QueuedWrite): QueuedWrite => {
    writes = [...writes.filter(({ id }) => id !== write.id), write]
    for (const listener of [...listeners]) listener()
    return write
  }
  const send = async (write: QueuedWrite): Promise<void> => {
    try {
      await sendMovement(rest, write.movement, write.id)
      put({ ...write, state: 'accepted' })
    } catch (thrown) {
      const error = realtimeErrorFrom(thrown, 'NETWORK_ERROR')
      const refusal = { code: error.code, detail: error.message, params: error.details }
      put(error.retryable ? { ...write, state: 'unsure' } : { ...write, state: 'refused', refusal })
    }
  }
  const add = (movement: Movement): Promise<QueuedWrite> => {
    const write = put({
      id: randomUuid(),
      author: user()?.userId ?? '',
      n: writes.length + 1,
      movement,
      state: 'sending',
      madeAt: Date.now(),
    })
    void send(write)
    return Promise.resolve(write)
  }
  return {
    writes: {
      add,
      list: () => writes,
      othersWaiting: () => 0,
      effectOn: () => ({ delta: 0, pending: 0 }),
      retry: (id, changes) => {
        const before = writes.find((write) => write.id === id)
        if (before === undefined) return Promise.reject(new TypeError(`There is no write ${id}`))
        // A change keeps the kind; the compiler does not know.
        return add({ ...before.movement, ...changes } as Movement)
      },
      drop: (id) => {
        const before = writes.find((write) => write.id === id)
        if (before !== undefined) put({ ...before, state: 'closed' })
        return Promise.resolve()
      },
      subscribe,
    },
    alerts: {
      list: () => NO_ALERTS,
      subscribe: () => () => undefined,
      acknowledge: () => Promise.reject(new TypeError('Alerts are not there yet')),
      seen: () => Promise.resolve(),
    },
  }
}

const NO_ALERTS: readonly never[] = []

const sendMovement = (
  rest: RestClient,
  movement: Movement,
  idempotencyKey: string,
): Promise<unknown> => {
  const { inventory } = rest
  const write = { idempotencyKey }
  switch (movement.kind) {
    case 'receive': {
      const { sku, lotNumber, quantity, expiryDate } = movement
      return inventory.addLot(sku, { lotNumber, quantity, expiryDate }, write)
    }
    case 'consume': {
      const { sku, quantity, reason } = movement
      return inventory.consume(
        sku,
        reason === undefined ? { quantity } : { quantity, reason },
        write,
      )
    }
    case 'count': {
      const { sku, lotNumber, quantity, reason } = movement
      return inventory.adjust(sku, { lotNumber, quantity, reason }, write)
    }
    case 'dispose': {
      const { sku, lotNumber, quantity, reason } = movement
      return inventory.dispose(sku, { lotNumber, quantity, reason }, write)
    }
  }
}
