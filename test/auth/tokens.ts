import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAccessTokens, type AccessTokens } from '../../src/auth/access-token.js'
import { createKeys, type KeyOptions } from '../../src/auth/keys.js'

/** A moment for tests that fix the clock: 2026-11-22T12:00:00Z, in milliseconds. */
export const NOW_MS = Date.UTC(2026, 10, 22, 12)
export const NOW_S = NOW_MS / 1_000

export const newSecret = (): string => randomBytes(48).toString('base64')

/** Key options of a test that sets its own keys: production, so that nothing is generated. */
export const production = { environment: 'production', dataDir: '/nonexistent' } as const

export const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Signs header and payload with HMAC-SHA256 as they are, however wrong; text is taken as JSON written by hand. */
export const forge = (header: unknown, payload: unknown, secret: string): string => {
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Token functions with a clock that stands at `NOW_MS`. */
export const tokensWith = async (
  keys: Partial<KeyOptions>,
  claims: {
    readonly issuer?: string
    readonly audience?: string
    readonly clockToleranceMs?: number
    readonly now?: () => number
  } = {},
): Promise<AccessTokens> =>
  createAccessTokens({
    keys: await createKeys({ ...production, ...keys }),
    ttlMs: 900_000,
    now: () => NOW_MS,
    ...claims,
  })

/** An HTTP server on loopback that counts its requests. */
export const listenWith = async (answer: RequestListener) => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
