import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { countsAsFailure, createAuthFailures } from '../../src/auth/failure-limit.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settled = () => vi.advanceTimersByTimeAsync(0)

const failTimes = async (
  failures: ReturnType<typeof createAuthFailures>,
  key: string,
  times: number,
) => {
  for (let i = 0; i < times; i += 1) failures.fail(key)
  await settled()
}

describe('createAuthFailures', () => {
  it('refuses a key once it has failed as often as it may, for a minute', async () => {
    const failures = createAuthFailures({ perMinute: 3 })
    await failTimes(failures, '192.0.2.1', 2)
    expect(failures.check('192.0.2.1')).toBeUndefined()
    await failTimes(failures, '192.0.2.1', 1)
    expect(failures.check('192.0.2.1')).toBe(60_000)
    expect(failures.check('192.0.2.2')).toBeUndefined()
    await vi.advanceTimersByTimeAsync(59_999)
    expect(failures.check('192.0.2.1')).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(failures.check('192.0.2.1')).toBeUndefined()
  })

  it('forgets failures that are more than a minute old', async () => {
    const failures = createAuthFailures({ perMinute: 3 })
    await failTimes(failures, '192.0.2.1', 2)
    await vi.advanceTimersByTimeAsync(60_001)
    await failTimes(failures, '192.0.2.1', 2)
    expect(failures.check('192.0.2.1')).toBeUndefined()
  })

  it('takes a failure back, also the one that made it refuse', async () => {
    const failures = createAuthFailures({ perMinute: 1 })
    await failTimes(failures, 'account:asha', 1)
    expect(failures.check('account:asha')).toBeGreaterThan(0)
    failures.forgive('account:asha')
    await settled()
    expect(failures.check('account:asha')).toBeUndefined()
  })

  it('is not made to refuse for longer by those who go on', async () => {
    const failures = createAuthFailures({ perMinute: 1 })
    await failTimes(failures, '192.0.2.1', 1)
    await vi.advanceTimersByTimeAsync(30_000)
    await failTimes(failures, '192.0.2.1', 50)
    expect(failures.check('192.0.2.1')).toBe(30_000)
  })

  it.each([
    ['2001:db8::1', '2001:db8:0:0:ffff::2', true],
    ['2001:db8:1:2:3:4:5:6', '2001:DB8:1:2::', true],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['::1', '192.0.2.1', false],
  ])('counts %s and %s as one network: %s', async (one, other, isSame) => {
    const failures = createAuthFailures({ perMinute: 1 })
    await failTimes(failures, one, 1)
    expect(failures.check(other) !== undefined).toBe(isSame)
  })

  it('keeps a bounded number of counters in a flood of made-up addresses', async () => {
    const keys = new Set<string>()
    const limiter = {
      penalty: async (key: string) => {
        keys.add(key)
        return { consumedPoints: 1 }
      },
    }
    // The rest of the limiter is not called.
    const failures = createAuthFailures({ perMinute: 5, limiter: limiter as never })
    for (let i = 0; i < 200_000; i += 1)
      failures.fail(`10.${String(i >> 16)}.${String((i >> 8) & 255)}.${String(i & 255)}`)
    await settled()
    expect(keys.size).toBeGreaterThan(50_000)
    expect(keys.size).toBeLessThanOrEqual(65_536)
  })

  it('goes on where the shared counter is away', async () => {
    const limiter = { penalty: () => Promise.reject(new Error('Redis is away')) }
    const failures = createAuthFailures({ perMinute: 1, limiter: limiter as never })
    await failTimes(failures, '192.0.2.1', 5)
    expect(failures.check('192.0.2.1')).toBeUndefined()
  })
})

describe('countsAsFailure', () => {
  it('counts guesses, not a missing or a genuine but expired token', () => {
    expect(countsAsFailure('AUTH_TOKEN_INVALID')).toBe(true)
    expect(countsAsFailure('AUTH_CREDENTIALS_INVALID')).toBe(true)
    expect(countsAsFailure('AUTH_TOKEN_MISSING')).toBe(false)
    expect(countsAsFailure('AUTH_TOKEN_EXPIRED')).toBe(false)
    // Its signature is valid: an issuer with a fast clock locks nobody out.
    expect(countsAsFailure('AUTH_TOKEN_NOT_YET_VALID')).toBe(false)
    expect(countsAsFailure('SERVER_UNAVAILABLE')).toBe(false)
  })
})
