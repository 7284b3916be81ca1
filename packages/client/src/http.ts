import { backoffMs } from './backoff.js'
import { foreignAnswer, problemFrom, RealtimeError } from './errors.js'
import type { GetToken } from './realtime-options.js'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface HttpOptions {
  /** Origin of the server; empty for the page's own. */
  readonly baseUrl: string
  /** Gives the bearer token; without it requests go out without one. */
  readonly getToken?: GetToken | undefined
  /** Milliseconds for one attempt. Default 10000. */
  readonly timeoutMs?: number | undefined
  /** How often a request that may be repeated is sent at most. Default 4. */
  readonly maxAttempts?: number | undefined
  /** Lets no attempt begin and ends the waiting for one; one under way is finished, so its outcome is known. */
  readonly signal?: AbortSignal | undefined
  /** Called with the server's time, in milliseconds since 1970 and whole seconds, where an answer tells it. */
  readonly onServerTime?: ((time: number) => void) | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly random?: (() => number) | undefined
}

export interface HttpRequest {
  readonly method: Method
  readonly path: string
  readonly query?: Query | undefined
  readonly body?: unknown
  /** Makes a POST safe to repeat; a GET is safe by itself. */
  readonly idempotencyKey?: string | undefined
  readonly ifMatch?: string | undefined
}

/** Sends a request and gives its JSON body; throws `RealtimeError`. */
export type SendRequest = <T>(request: HttpRequest) => Promise<T>

/**
 * Makes the function every REST call goes through. What may be repeated (a GET, or a POST with its
 * Idempotency-Key) is, after a lost connection or a retryable refusal; an expired token is replaced once.
 */
export const createHttp = (options: HttpOptions): SendRequest => {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis)
  const random = options.random ?? Math.random
  const maxAttempts = options.maxAttempts ?? 4

  const attempt = async (request: HttpRequest, token: string | undefined): Promise<unknown> => {
    options.signal?.throwIfAborted()
    const response = await send(urlOf(options.baseUrl, request), {
      method: request.method,
      headers: headersOf(request, token),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      cache: 'no-store',
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
    }).catch((thrown: unknown) => {
      throw lostAnswer(thrown)
    })
    const text = await response.text().catch((thrown: unknown) => {
      throw lostAnswer(thrown)
    })
    const body = parseJson(text)
    if (!response.ok) throw problemFrom(response.status, body, response.headers.get('retry-after'))
    if (body === undefined && text !== '') throw foreignAnswer(response.status)
    const date = Date.parse(response.headers.get('date') ?? '')
    if (!Number.isNaN(date)) options.onServerTime?.(date)
    return body
  }

  const sendWithRetries = async (request: HttpRequest): Promise<unknown> => {
    const repeatable = request.method === 'GET' || request.idempotencyKey !== undefined
    let staleToken: string | undefined
    for (let failures = 0; ; failures += 1) {
      const token = await options.getToken?.({ staleToken })
      try {
        return await attempt(request, token)
      } catch (thrown) {
        if (!(thrown instanceof RealtimeError) || !thrown.retryable) throw thrown
        if (thrown.needsNewToken) {
          // The server did nothing: also a request that must not be repeated may go again, once.
          if (token === undefined || staleToken !== undefined) throw thrown
          staleToken = token
          continue
        }
        if (!repeatable || failures + 1 >= maxAttempts) throw thrown
        await wait(backoffMs(failures, thrown.retryAfterMs, random), options.signal)
      }
    }
  }

  // The server's contract says what T is; the compiler cannot see through the wire.
  return async <T>(request: HttpRequest): Promise<T> => (await sendWithRetries(request)) as T
}

const urlOf = (baseUrl: string, { path, query }: HttpRequest): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  const search = parameters.toString()
  return `${baseUrl.replace(/\/$/, '')}${path}${search === '' ? '' : `?${search}`}`
}

const headersOf = (request: HttpRequest, token: string | undefined): Record<string, string> => ({
  accept: 'application/json',
  ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(request.idempotencyKey === undefined ? {} : { 'idempotency-key': request.idempotencyKey }),
  ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
})

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const lostAnswer = (thrown: unknown): RealtimeError => {
  const timedOut = thrown instanceof Error && thrown.name === 'TimeoutError'
  return new RealtimeError(
    timedOut ? 'TIMEOUT' : 'NETWORK_ERROR',
    timedOut ? 'The server did not answer in time' : 'The server cannot be reached',
    { retryable: true, cause: thrown },
  )
}

const wait = (delayMs: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    // The next attempt sees the end by itself.
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const stop = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', stop, { once: true })
  })
