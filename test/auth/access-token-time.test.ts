import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AppError } from '../../src/errors/app-error.js'
import { forge, newSecret, NOW_MS, NOW_S, tokensWith } from './tokens.js'

const secret = newSecret()
const signed = (more: object): string =>
  forge(
    { alg: 'HS256', typ: 'JWT' },
    { sub: 'user-1', iat: NOW_S - 10, exp: NOW_S + 600, ...more },
    secret,
  )

describe('verifyAccessToken, and the clock of the issuer', () => {
  it('keeps the milliseconds of iat', async () => {
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret })
    const { issuedAt } = await verifyAccessToken(signed({ iat: NOW_S - 1 + 0.123 }))
    expect(issuedAt).toBe(NOW_MS - 1_000 + 123)
  })

  it('takes a token once its iat and nbf are no more than the tolerance ahead, and says when that is', async () => {
    const offset = fc.option(fc.integer({ min: -100_000, max: 100_000 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(
        fc.record({ iat: offset, nbf: offset, tolerance: fc.integer({ min: 0, max: 60_000 }) }),
        async ({ iat, nbf, tolerance }) => {
          const clock = { nowMs: NOW_MS }
          const at = (ms: number | undefined) => (ms === undefined ? ms : (NOW_MS + ms) / 1_000)
          const { verifyAccessToken } = await tokensWith(
            { jwtSecret: secret },
            { clockToleranceMs: tolerance, now: () => clock.nowMs },
          )
          const token = signed({ iat: at(iat), nbf: at(nbf) })
          const waitMs = Math.max(iat ?? -1e9, nbf ?? -1e9) - tolerance
          if (waitMs > 0) {
            const refusal = await verifyAccessToken(token).catch((error: unknown) => error)
            expect(refusal).toMatchObject({ code: 'AUTH_TOKEN_NOT_YET_VALID' })
            const { retryAfterMs = 0 } = refusal as AppError
            // A NumericDate in seconds does not hold every millisecond exactly.
            expect(Math.abs(retryAfterMs - waitMs)).toBeLessThanOrEqual(1)
            clock.nowMs += retryAfterMs
          }
          expect((await verifyAccessToken(token)).userId).toBe('user-1')
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each([
    ['a day ahead of the tolerance', 86_405, 'AUTH_TOKEN_NOT_YET_VALID'],
    ['further ahead than that', 86_406, 'AUTH_TOKEN_INVALID'],
  ])('takes an iat %s for what it is', async (_, aheadS, code) => {
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret })
    const token = signed({ iat: NOW_S + aheadS, exp: NOW_S + 900_000 })
    await expect(verifyAccessToken(token)).rejects.toMatchObject({ name: 'AppError', code })
  })

  it('lengthens no token by the tolerance', async () => {
    const { verifyAccessToken } = await tokensWith(
      { jwtSecret: secret },
      { clockToleranceMs: 60_000 },
    )
    await expect(verifyAccessToken(signed({ exp: NOW_S }))).rejects.toMatchObject({
      code: 'AUTH_TOKEN_EXPIRED',
    })
  })

  it('dates a token that it has seen no later than that, whatever the clock of its issuer says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -60_000, max: 60_000 }),
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 5 }),
        async (leadMs, pausesMs) => {
          const clock = { nowMs: NOW_MS }
          const { verifyAccessToken } = await tokensWith(
            { jwtSecret: secret },
            { clockToleranceMs: 60_000, now: () => clock.nowMs },
          )
          const token = signed({ iat: (NOW_MS + leadMs) / 1_000 })
          for (const pauseMs of [0, ...pausesMs]) {
            clock.nowMs += pauseMs
            const { issuedAt } = await verifyAccessToken(token)
            // An issuer whose clock is right, by as much as this node can tell, or behind is believed.
            if (leadMs < 1_000) expect(issuedAt).toBe(NOW_MS + leadMs)
            else expect(issuedAt).toBe(NOW_MS - 1_000)
          }
        },
      ),
    )
  })
})
