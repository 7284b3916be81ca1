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
  async ({ key, ...request }) => {
    const sent = { ...request, method: 'POST', idempotencyKey: key } as const
    const { response, body } = await exchange(options, sent)
    return { status: response.status, body, retryAfter: response.headers.get('retry-after') }
  }
