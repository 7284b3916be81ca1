import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPasswords } from '../../src/auth/passwords.js'
import { createUsers } from '../../src/users/users.js'
import { setupApp, type TestApp } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'

const PER_MINUTE = 4
const password = 'a good pass phrase'
const passwords = createPasswords({ concurrency: 4 })

/** A service behind a proxy that it trusts, so that a test may come from any address. */
const setup = async (perMinute = PER_MINUTE) => {
  const database = await createTestDatabase()
  const env = { TRUST_PROXY: '127.0.0.1', AUTH_FAILURES_PER_MINUTE: perMinute.toString() }
  const app = await setupApp({ database, env })
  await createUsers({ database, passwords }).create('test', {
    username: 'Asha',
    email: 'Asha@clinic.example',
    role: 'doctor',
    password,
  })
  return app
}

const WRONG = 'not this password'

const logIn = (app: TestApp, username: string, from: string, text = WRONG) =>
  app.api(
    undefined,
    'POST',
    '/api/auth/login',
    { username, password: text },
    { 'x-forwarded-for': from },
  )

const statusOf = async (...asked: Parameters<typeof logIn>): Promise<number> =>
  (await logIn(...asked)).status

const stranger = (n: number): string => `198.51.${String(n >> 8)}.${String(n & 255)}`

const SPELLINGS = ['Asha', 'ASHA', 'asha@clinic.example', 'Asha@CLINIC.example']
const NOBODYS = ['Nobody', 'NOBODY', 'nobody', 'nOBODY']

describe('guesses at one account from many addresses', () => {
  it.each([
    ['an account, whatever it is called', SPELLINGS],
    ['a name that nobody has, in any case', NOBODYS],
  ])('count together for %s', async (_, names) => {
    await using app = await setup()
    for (const [n, name] of names.entries()) {
      expect(await statusOf(app, name, stranger(n))).toBe(401)
    }
    const refused = await Promise.all(names.map((name, n) => logIn(app, name, stranger(100 + n))))
    for (const { status, body } of refused) {
      expect(status).toBe(429)
      expect(body).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
      expect(body['retryAfterMs']).toBeGreaterThan(0)
      expect(body['retryAfterMs']).toBeLessThanOrEqual(60_000)
    }
    expect(await statusOf(app, 'admin', stranger(200))).toBe(401)
  })

  it('are no more when they come all at once', async () => {
    await using app = await setup()
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, n) => statusOf(app, SPELLINGS[n % 4] ?? '', stranger(n))),
    )
    expect(statuses.filter((status) => status === 401)).toHaveLength(PER_MINUTE)
    expect(statuses.filter((status) => status === 429)).toHaveLength(40 - PER_MINUTE)
  })

  it('lock the owner out of no place where the password was right before, after a restart either', async () => {
    await using app = await setup()
    const places = ['203.0.113.7', '2001:db8:7:7::1']
    for (const place of places) expect(await statusOf(app, 'asha', place, password)).toBe(200)
    for (let n = 0; n < 10; n += 1) await statusOf(app, 'asha', stranger(n))

    expect(await statusOf(app, 'asha', stranger(99), password)).toBe(429)
    for (const place of [...places, '2001:db8:7:7:ffff::2']) {
      expect(await statusOf(app, 'Asha@clinic.example', place, password)).toBe(200)
    }
    expect(await statusOf(app, 'asha', '2001:db8:7:8::1', password)).toBe(429)
    // It is in the database, so every node knows it, and the next start.
    const known = await app.database.query<{ place: string }>(
      'select place from login_places order by place',
    )
    expect(known.map(({ place }) => place)).toEqual(['2001:db8:7:7::/64', '203.0.113.7'])
  })

  it('are bounded at a place that is known too, by the count of its address', async () => {
    await using app = await setup()
    const home = '203.0.113.7'
    expect(await statusOf(app, 'asha', home, password)).toBe(200)
    for (let n = 0; n < PER_MINUTE; n += 1) expect(await statusOf(app, 'asha', home)).toBe(401)
    expect(await statusOf(app, 'asha', home, password)).toBe(429)
    // What was guessed there has used up nothing of what strangers may guess.
    expect(await statusOf(app, 'asha', stranger(1), password)).toBe(200)
  })

  it('never lock out the owner where he is known, nor get more tries, in any order', async () => {
    const action = fc.record({
      who: fc.constantFrom('stranger', 'stranger', 'owner'),
      name: fc.constantFrom(...SPELLINGS),
      n: fc.nat({ max: 500 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 8, maxLength: 24 }), async (actions) => {
        await using app = await setup()
        const home = '203.0.113.7'
        expect(await statusOf(app, 'asha', home, password)).toBe(200)
        const begunAt = performance.now()
        // The owner logs in one after the other: what is under way at an address counts there until it is known.
        const isOwner = ({ who }: { readonly who: string }): boolean => who === 'owner'
        const owner = (async () => {
          const statuses: number[] = []
          for (const { name } of actions.filter(isOwner)) {
            statuses.push(await statusOf(app, name, home, password))
          }
          return statuses
        })()
        const strangers = await Promise.all(
          actions
            .filter((one) => !isOwner(one))
            .map(({ name, n }) => statusOf(app, name, stranger(n))),
        )
        for (const status of await owner) expect(status).toBe(200)
        const looked = strangers.filter((status) => status === 401).length
        // A machine so slow that the minute is over allows another share.
        const minutes = Math.ceil((performance.now() - begunAt) / 60_000)
        expect(looked).toBeLessThanOrEqual(PER_MINUTE * minutes)
        expect(looked).toBeGreaterThanOrEqual(Math.min(strangers.length, PER_MINUTE))
      }),
      { numRuns: 5 },
    )
  })

  it('cannot push a known place out: only who knows the password adds one, and 20 are kept', async () => {
    await using app = await setup(1_000)
    for (let n = 0; n < 23; n += 1) await statusOf(app, 'asha', stranger(n), password)
    for (let n = 100; n < 110; n += 1) await statusOf(app, 'asha', stranger(n))
    const kept = await app.database.query<{ place: string }>(
      'select place from login_places order by proved_at',
    )
    expect(kept.map(({ place }) => place)).toEqual(
      Array.from({ length: 20 }, (_, n) => stranger(n + 3)),
    )
  })
})
