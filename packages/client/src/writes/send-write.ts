import { exchange } from '../http.js'
import type { SendWrite } from './types.js'

export interface SendWriteOptions {
  /** Origin of the server, with the prefix where a proxy adds one; empty for the page's own. */
  readonly baseUrl: string
  readonly fetch?: typeof globalThis.fetch
}

/** Makes what sends a write over HTTP: one attempt, no judgement. */
export const createSendWrite =
  (options: SendWriteOptions): SendWrite =>
  ({ key, ...request }) =>
    exchange(options, { ...request, method: 'POST', idempotencyKey: key })
