import { createRestClient, RealtimeError, type GetToken } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import type { ClinicTask } from './clinic-schedule.js'

/** The desk of the clinic: carries tasks out on a running server. */
export interface ClinicDesk {
  readonly readStock: () => Promise<readonly Item[]>
  /** Rejects where every further task would meet the same: nobody answers, or the caller may not move stock. */
  readonly carryOut: (task: ClinicTask) => Promise<TaskOutcome>
  /** Requests sent so far, repeated tries included. */
  readonly requestCount: () => number
}

/** The item as it stands now, or how many can be dispensed where the server refused the task. */
export type TaskOutcome =
  | { readonly done: true; readonly item: Item }
  | { readonly done: false; readonly available: number }

export interface ClinicDeskOptions {
  readonly baseUrl: string
  readonly getToken: GetToken
  /** Ends waiting between tries; a request under way is finished, so its outcome is known. */
  readonly signal: AbortSignal
}

const REQUEST_TIMEOUT_MS = 15_000
const MAX_TRIES = 6

/** Opens the desk; tasks that met a lost connection or an overloaded server are tried up to 6 times. */
export const openClinicDesk = ({ baseUrl, getToken, signal }: ClinicDeskOptions): ClinicDesk => {
  let requestCount = 0
  const { inventory } = createRestClient({
    baseUrl,
    getToken,
    signal,
    timeoutMs: REQUEST_TIMEOUT_MS,
    maxAttempts: MAX_TRIES,
    fetch: (address, request) => {
      requestCount += 1
      return fetch(address, request)
    },
  })

  const send = async (task: ClinicTask): Promise<Item> => {
    switch (task.kind) {
      case 'count': {
        const { sku, lotNumber, quantity, reason } = task
        return inventory.adjust(sku, { lotNumber, quantity, reason })
      }
      case 'dispense': {
        const { sku, quantity, reason } = task
        return (await inventory.consume(sku, { quantity, reason })).item
      }
      case 'delivery': {
        const { sku, lotNumber, quantity, expiryDate } = task
        return inventory.addLot(sku, { lotNumber, quantity, expiryDate })
      }
    }
  }

  return {
    readStock: async () => {
      try {
        return (await inventory.snapshot()).items
      } catch (thrown) {
        throw explained(thrown, baseUrl)
      }
    },
    carryOut: async (task) => {
      try {
        return { done: true, item: await send(task) }
      } catch (thrown) {
        if (!isRefusal(thrown)) throw explained(thrown, baseUrl)
        const { available } = thrown.details
        return { done: false, available: typeof available === 'number' ? available : 0 }
      }
    },
    requestCount: () => requestCount,
  }
}

/** Whether the server understood the task and said no: the next one may go well. */
const isRefusal = (thrown: unknown): thrown is RealtimeError =>
  thrown instanceof RealtimeError &&
  thrown.code !== 'UNEXPECTED_ANSWER' &&
  thrown.status !== undefined &&
  thrown.status < 500 &&
  !REMEDIES.has(thrown.status)

const REMEDIES: ReadonlyMap<number, string> = new Map([
  [401, ' (take a new token, or give a name and password)'],
  [403, ' (be an admin, inventory_manager or pharmacist)'],
])

/** Says what is to be done about a failure of the connection, the server or the caller's right. */
const explained = (thrown: unknown, baseUrl: string): unknown => {
  if (!(thrown instanceof RealtimeError)) return thrown
  const { code, status, message } = thrown
  if (status === undefined) {
    return new Error(`No answer from ${baseUrl}: is the server running there?`, { cause: thrown })
  }
  if (code === 'UNEXPECTED_ANSWER') {
    return new Error(`The server answered ${status.toString()} in no form of ours: is it Uzima?`, {
      cause: thrown,
    })
  }
  return new Error(`${code}: ${message}${REMEDIES.get(status) ?? ''}`, { cause: thrown })
}
