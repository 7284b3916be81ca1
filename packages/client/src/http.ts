import { backoffMs } from './backoff.js'
import { defined } from './defined.js'
import { foreignAnswer, passing, problemFrom, RealtimeError } from './errors.js'
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

/** One request as it goes out. */
interface Outgoing extends Omit<HttpRequest, 'query' | 'body'> {
  readonly token: string | undefined
  /** JSON. */
  readonly body: string | undefined
}

/** What came back, from whomever. */
interface Incoming {
  readonly status: number
  readonly text: string
  /** Undefined where the text is not JSON. */
  readonly body: unknown
  readonly retryAfter: string | null
  /** The server's time, in milliseconds since 1970; NaN where it does not tell. */
  readonly date: number
}

/** Sends a request once and reads the answer; rejects, as what may be tried again, where none came. */
export const exchange = async (
  { baseUrl, timeoutMs = 10_000, fetch = globalThis.fetch }: HttpOptions,
  { method, path, token, body, idempotencyKey, ifMatch }: Outgoing,
): Promise<Incoming> => {
  try {
    const response = await fetch(baseUrl.replace(/\/$/, '') + path, {
      method,
      headers: defined({
        accept: JSON_TYPE,
        'content-type': body && JSON_TYPE,
        authorization: token && `Bearer ${token}`,
        'idempotency-key': idempotencyKey,
        'if-match': ifMatch,
      }),
      body: body ?? null,
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { status, headers } = response
    const text = await response.text()
    return {
      status,
      text,
      body: parsed(text),
      retryAfter: headers.get('retry-after'),
      date: Date.parse(headers.get('date') ?? ''),
    }
  } catch (cause) {
    const { name, message } = cause as Error
    throw passing(name === 'TimeoutError' ? 'TIMEOUT' : 'NETWORK_ERROR', `No answer: ${message}`, {
      cause,
    })
  }
}

const JSON_TYPE = 'application/json'

/**
 * Makes the function every REST call goes through. What may be repeated (a GET, or a POST with its
 * Idempotency-Key) is, after a lost connection or a retryable refusal; an expired token is replaced once.
 */
export const createHttp = (options: HttpOptions): SendRequest => {
  const { random = Math.random, maxAttempts = 4, signal } = options

  const attempt = async (request: HttpRequest, token: string | undefined): Promise<unknown> => {
    signal?.throwIfAborted()
    const { status, text, body, retryAfter, date } = await exchange(options, {
      ...request,
      path: request.path + searchOf(request),
      token,
      body: JSON.stringify(request.body),
    })
    if (status >= 300) throw problemFrom(status, body, retryAfter)
    if (body === undefined && text !== '') throw foreignAnswer(status)
    if (!Number.isNaN(date)) options.onServerTime?.(date)
    return body
  }

  return async <T>(request: HttpRequest): Promise<T> => {
    const repeatable = request.method === 'GET' || request.idempotencyKey !== undefined
    let staleToken: string | undefined
    for (let failures = 0; ; failures += 1) {
      const token = await options.getToken?.({ staleToken })
      try {
        // The server's contract says what T is; the compiler cannot see through the wire.
        return (await attempt(request, token)) as T
      } catch (thrown) {
        if (!(thrown instanceof RealtimeError) || !thrown.retryable) throw thrown
        if (thrown.needsNewToken) {
          // The server did nothing: also a request that must not be repeated may go again, once.
          if (token === undefined || staleToken !== undefined) throw thrown
          staleToken = token
          continue
        }
        if (!repeatable || failures + 1 >= maxAttempts) throw thrown
        await wait(backoffMs(failures, thrown.retryAfterMs, random), signal)
      }
    }
  }
}

const searchOf = ({ query = {} }: HttpRequest): string => {
  // It makes texts of them itself.
  const search = new URLSearchParams(defined(query) as Record<string, string>).toString()
  return search && `?${search}`
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // A portal's page: whoever judges sees that it is no answer of ours.
    return undefined
  }
}

/** Resolves after so long, or when `signal` ends the waiting. */
const wait = (delayMs: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    // The next attempt sees the end by itself.
    const timer = setTimeout(end, signal?.aborted === true ? 0 : delayMs)
    signal?.addEventListener('abort', end)
  })
