import { realtimeErrorFrom } from '../errors.js'
import type { SendWrite } from './types.js'

/** Milliseconds for one attempt, the reading of the answer included. */
export const ATTEMPT_MS = 10_000

export interface SendWriteOptions {
  /** Origin of the server, with the prefix where a proxy adds one; empty for the page's own. */
  readonly baseUrl: string
  readonly fetch?: typeof globalThis.fetch
}

/** Makes what sends a write over HTTP: one attempt, no judgement. */
export const createSendWrite = (options: SendWriteOptions): SendWrite => {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis)
  return async ({ path, body, key, token }) => {
    try {
      const response = await send(`${options.baseUrl.replace(/\/$/, '')}${path}`, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'idempotency-key': key,
        },
        body,
        cache: 'no-store',
        signal: AbortSignal.timeout(ATTEMPT_MS),
      })
      return {
        status: response.status,
        body: parsed(await response.text()),
        retryAfter: response.headers.get('retry-after'),
      }
    } catch (thrown) {
      throw realtimeErrorFrom(thrown, 'NETWORK_ERROR')
    }
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // A portal's page: whoever judges sees that it is no answer of ours.
    return undefined
  }
}
