import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

/** Receives stock over REST as a till does it: one key for each movement, tried until it is answered. */
export interface Till {
  /** Receives one unit of the item; rejects where the answer is a refusal. */
  readonly receive: (sku: string) => Promise<void>
  /** Receives units of the item, `everyMs` after one another, until the signal. */
  readonly keepReceiving: (sku: string, everyMs: number, until: AbortSignal) => Promise<void>
  /** Units received. */
  readonly written: () => number
  /** Requests that got no answer, or 502 to 504, and were sent again. */
  readonly retried: () => number
}

const RETRY_AFTER_MS = 50
/** A proxy's words, too, for a node that has gone. */
const LATER = new Set([502, 503, 504])

/** A till that writes to `url`. */
export const createTill = (url: string, token: string): Till => {
  let written = 0
  let retried = 0

  const post = (sku: string, key: string): Promise<number> =>
    fetch(`${url}/api/inventory/${sku}/lots`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ lotNumber: 'L', quantity: 1, expiryDate: '2031-01-31' }),
    }).then(
      ({ status }) => status,
      () => 0,
    )

  const receive = async (sku: string): Promise<void> => {
    const key = randomBytes(8).toString('hex')
    for (;;) {
      const status = await post(sku, key)
      if (status === 201) break
      if (status !== 0 && !LATER.has(status)) throw new Error(`Refused with ${status.toString()}`)
      retried += 1
      await delay(RETRY_AFTER_MS)
    }
    written += 1
  }

  return {
    receive,
    keepReceiving: async (sku, everyMs, until) => {
      while (!until.aborted) {
        await receive(sku)
        await delay(everyMs)
      }
    },
    written: () => written,
    retried: () => retried,
  }
}
