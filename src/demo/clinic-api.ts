import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { problemSchema, type Problem } from '@uzima/contracts'
import { z } from 'zod'
import { createClinicSession, type ClinicAuth } from './clinic-session.js'

/** What the server answered: the value, or a refusal that the caller can handle. */
export type ClinicAnswer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

/** The public REST API, as somebody who is logged in. */
export interface ClinicApi {
  readonly get: <T>(path: string, answer: z.ZodType<T>) => Promise<ClinicAnswer<T>>
  /** Sends a change once, however often it has to be tried: all tries carry one Idempotency-Key. */
  readonly post: <T>(path: string, body: object, answer: z.ZodType<T>) => Promise<ClinicAnswer<T>>
  /** Requests sent so far, log-ins and repeated tries included. */
  readonly requestCount: () => number
}

/** Where the API is, and who calls it. */
export interface ClinicApiOptions {
  /** Address of the server, such as `http://localhost:3000`. */
  readonly baseUrl: string
  readonly auth: ClinicAuth
  /** Ends waiting between tries; a request under way is finished, so its outcome is known. */
  readonly signal: AbortSignal
}

const REQUEST_TIMEOUT_MS = 15_000
const MAX_TRIES = 6
const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 10_000

const retryDelaySchema = z.object({ retryAfterMs: z.number().min(0) })

/**
 * Makes a caller of the API that logs in by itself, refreshes its token, and repeats a request that
 * met a lost connection or an overloaded server, at most 6 times.
 */
export function createClinicApi({ baseUrl, auth, signal }: ClinicApiOptions): ClinicApi {
  let requestCount = 0
  const session = createClinicSession(auth, (path, body) =>
    sendPatiently(() => send('POST', path, body, {})),
  )

  async function call<T>(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    answer: z.ZodType<T>,
  ): Promise<ClinicAnswer<T>> {
    const idempotency = method === 'POST' ? { 'idempotency-key': randomUUID() } : {}
    let response = await sendAuthorized()
    if (response.status === 401 && session.renew()) response = await sendAuthorized()

    if (response.ok) return { ok: true, value: answer.parse(await response.json()) }
    const problem = await readProblem(response)
    // These would meet every further request, too.
    if ([401, 403].includes(problem.status) || problem.status >= 500)
      throw new Error(explain(problem))
    return { ok: false, problem }

    async function sendAuthorized(): Promise<Response> {
      const authorization = `Bearer ${await session.accessToken()}`
      return sendPatiently(() => send(method, path, body, { authorization, ...idempotency }))
    }
  }

  async function sendPatiently(attempt: () => Promise<Response>): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const backoffMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1))
      let delayMs: number
      try {
        const response = await attempt()
        const retryAfterMs = await retryDelay(response)
        if (retryAfterMs === undefined || tries === MAX_TRIES) return response
        delayMs = Math.min(MAX_RETRY_MS, Math.max(backoffMs, retryAfterMs))
      } catch (error) {
        if (tries === MAX_TRIES) {
          throw new Error(`No answer from ${baseUrl}: is the server running there?`, {
            cause: error,
          })
        }
        delayMs = backoffMs
      }
      await wait(delayMs, undefined, { signal })
    }
  }

  async function send(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    signal.throwIfAborted()
    requestCount += 1
    return fetch(new URL(path, baseUrl), {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body) }),
    })
  }

  return {
    get: (path, answer) => call('GET', path, undefined, answer),
    post: (path, body, answer) => call('POST', path, body, answer),
    requestCount: () => requestCount,
  }
}

/** Milliseconds the server asks to wait (0 where it names none), or undefined where trying again is of no use. */
async function retryDelay(response: Response): Promise<number | undefined> {
  const isInProgress = response.status === 409 && (await isRetryableConflict(response))
  if (![429, 502, 503, 504].includes(response.status) && !isInProgress) return undefined
  const problem = retryDelaySchema.safeParse(await bodyOf(response))
  if (problem.success) return problem.data.retryAfterMs
  return Number(response.headers.get('retry-after') ?? 0) * 1000 || 0
}

async function isRetryableConflict(response: Response): Promise<boolean> {
  const problem = problemSchema.safeParse(await bodyOf(response))
  return problem.success && problem.data.code === 'IDEMPOTENCY_IN_PROGRESS'
}

async function readProblem(response: Response): Promise<Problem> {
  const problem = problemSchema.safeParse(await bodyOf(response))
  if (problem.success) return problem.data
  throw new Error(
    `The server answered ${response.status.toString()} without a problem document: is it Uzima?`,
  )
}

/** The JSON of a response that stays readable, or undefined. */
async function bodyOf(response: Response): Promise<unknown> {
  return response
    .clone()
    .json()
    .catch(() => undefined)
}

function explain({ status, code, title, detail }: Problem): string {
  const remedy = new Map([
    [401, ' (take a new token, or give a name and password)'],
    [403, ' (be an admin, inventory_manager or pharmacist)'],
  ])
  return `${code}: ${detail ?? title}${remedy.get(status) ?? ''}`
}
