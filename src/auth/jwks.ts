import type { KeyObject } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../errors/app-error.js'
import { importPublicKey, jwkSetSchema, type PublicKey } from './public-key.js'

export interface Jwks {
  /**
   * Keys of the set that may have signed a token with this header; empty where the set, read after the call was made,
   * has none. At once where they are known. Rejects with `SERVER_UNAVAILABLE` where an unknown key cannot be asked for.
   */
  readonly find: (header: KeyHeader) => readonly KeyObject[] | Promise<readonly KeyObject[]>
}

/** What of a token's header chooses the key. */
export interface KeyHeader {
  readonly alg: string
  readonly kid?: string | undefined
}

export interface JwksOptions {
  readonly url: string
  readonly algorithms: readonly string[]
  /** Least time between two requests to the host, whatever tokens say. Default 2,000 ms. */
  readonly minIntervalMs?: number
  /** When the set is read again although its keys serve, so that a withdrawn key ends. Default 600,000 ms. */
  readonly maxAgeMs?: number
  /** Default 3,000 ms. */
  readonly timeoutMs?: number
}

const MAX_BYTES = 262_144

/**
 * Keys that another issuer publishes (RFC 7517). An unknown `kid` waits for the next request that may be made and shares
 * it with all others that wait: a new key is found by the first token that needs it, and a flood of invented ones costs
 * the host one request in `minIntervalMs`. Known keys serve on while the host is down.
 */
export const createJwks = (options: JwksOptions): Jwks => {
  const { url, algorithms, minIntervalMs = 2_000, maxAgeMs = 600_000, timeoutMs = 3_000 } = options
  let keys: readonly PublicKey[] = []
  // When the request that brought `keys` began; what was published later may be missing.
  let keysAsOf = -Infinity
  let lastRequestAt = -Infinity
  let failure: AppError | undefined
  let loading: Promise<void> | undefined

  const find: Jwks['find'] = (header) => {
    const known = select(header)
    const isYoung = performance.now() - keysAsOf <= maxAgeMs
    return known.length > 0 && isYoung ? known : ask(header)
  }

  const ask = async (header: KeyHeader): Promise<readonly KeyObject[]> => {
    const askedAt = performance.now()
    if (select(header).length > 0) await revalidate()
    else {
      // At most twice: a request under way may have begun before the key was published.
      while (select(header).length === 0 && keysAsOf < askedAt) await load()
    }
    return select(header)
  }

  const select = ({ alg, kid }: KeyHeader): KeyObject[] =>
    keys
      .filter((key) => (kid === undefined || key.kid === kid) && key.algorithms.has(alg))
      .map(({ key }) => key)

  /** Nobody waits for a host that did not answer last time. */
  const revalidate = async (): Promise<void> => {
    const isDown = failure !== undefined
    const attempt = load().catch(() => undefined)
    if (!isDown) await attempt
  }

  const load = (): Promise<void> => {
    loading ??= request().finally(() => {
      loading = undefined
    })
    return loading
  }

  const request = async (): Promise<void> => {
    const waitMs = lastRequestAt + minIntervalMs - performance.now()
    if (waitMs > 0) {
      if (failure !== undefined) throw failure
      await delay(waitMs, undefined, { ref: false })
    }
    lastRequestAt = performance.now()
    try {
      keys = await downloadKeySet(url, algorithms, timeoutMs)
      keysAsOf = lastRequestAt
      failure = undefined
    } catch (error) {
      failure = new AppError('SERVER_UNAVAILABLE', {
        cause: new Error('The key set of JWT_JWKS_URL cannot be had.', { cause: error }),
      })
      throw failure
    }
  }

  return { find }
}

/** Reads the set once; rejects with whatever the host or the answer did. */
export const downloadKeySet = async (
  url: string,
  algorithms: readonly string[],
  timeoutMs: number,
): Promise<PublicKey[]> => {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    // The operator named one host; where it points on to is not known to be trusted.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await readText(response)
  if (!response.ok) throw new Error(`The host answered ${response.status}.`)
  const set = jwkSetSchema.parse(JSON.parse(text))
  return set.keys.map((jwk) => importPublicKey(jwk, algorithms)).filter((key) => key !== undefined)
}

const readText = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // The DOM's type of a body has no iterator; Node's has.
  const body = response.body as AsyncIterable<Uint8Array> | null
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error(`The answer is longer than ${MAX_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
