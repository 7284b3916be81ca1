import { Agent, request } from 'node:http'

/** Answers, as they came. */
export interface RestAnswer {
  readonly status: number
  readonly text: string
  readonly body: unknown
}

export interface RestCall {
  readonly url: string
  readonly method: string
  readonly path: string
  /** Left out by who has none yet. */
  readonly token?: string
  /** The address that a trusted proxy would have seen. */
  readonly from?: string
  readonly body?: unknown
  readonly idempotencyKey?: string
}

/** Calls the service; rejects where no answer came in time. */
export type Rest = ((call: RestCall) => Promise<RestAnswer>) & { readonly close: () => void }

/** Makes the caller, with connections that it keeps. */
export const createRest = (timeoutMs = 4_000): Rest => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })

  const call = ({ url, method, path, token, from, body, idempotencyKey }: RestCall) =>
    new Promise<RestAnswer>((resolve, reject) => {
      const sent = request(
        `${url}${path}`,
        {
          method,
          agent,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(from === undefined ? {} : { 'x-forwarded-for': from }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', fail)
          response.on('end', () => {
            clearTimeout(timer)
            const text = Buffer.concat(chunks).toString()
            resolve({ status: response.statusCode ?? 0, text, body: parse(text) })
          })
        },
      )
      const fail = (error: Error): void => {
        clearTimeout(timer)
        reject(error)
      }
      const timer = setTimeout(() => {
        sent.destroy(new Error(`no answer in ${String(timeoutMs)} ms`))
      }, timeoutMs)
      sent.on('error', fail)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })

  return Object.assign(call, {
    close: () => {
      agent.destroy()
    },
  })
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
