import {
  dateSchema,
  isStorable,
  jsonObjectSchema,
  momentSchema,
  textSchema,
} from '@uzima/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostileJson, hostileText } from '../fuzz/hostile.js'
import { times } from '../support/long.js'
import { createTestDatabase, type TestDatabase } from '../support/world.js'

let database: TestDatabase | undefined
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.[Symbol.asyncDispose]())

const stored = async <T>(sql: string, value: string): Promise<T | undefined> =>
  (await database?.query<{ value: T }>(`select ${sql} as value`, [value]))?.[0]?.value

const two = (max: number) => fc.integer({ min: 0, max }).map((n) => n.toString().padStart(2, '0'))
const year = fc.oneof(
  fc.constantFrom('0000', '0001', '9999', '10000'),
  fc.integer({ min: 1000, max: 9999 }).map(String),
)
const day = fc.tuple(year, two(13), two(32)).map((parts) => parts.join('-'))
const moment = fc
  .tuple(
    day,
    two(25),
    two(60),
    fc.option(fc.tuple(two(61), fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n }), { nil: '' }))),
    fc.oneof(fc.constant('Z'), fc.tuple(fc.constantFrom('+', '-'), two(25), two(60))),
  )
  .map(([date, hour, minute, seconds, offset]) => {
    const [second = '', fraction = ''] = seconds ?? []
    const tail = second === '' ? '' : `:${second}${fraction === '' ? '' : `.${String(fraction)}`}`
    const [sign, h, m] = offset
    return `${date}T${hour}:${minute}${tail}${offset === 'Z' ? 'Z' : `${sign}${h ?? ''}:${m ?? ''}`}`
  })

describe('what the contract lets through, the database takes as it was meant', () => {
  it('a moment at any offset', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.oneof(moment, hostileText), async (text) => {
        const { data } = momentSchema.safeParse(text)
        if (data === undefined) return
        taken += 1
        const micros = await stored<number>(
          `(extract(epoch from $1::timestamptz) * 1000000)::bigint`,
          data,
        )
        const whole = text.replace(/\.\d+/, '')
        const fraction = (/\.(\d+)/.exec(text)?.[1] ?? '').slice(0, 6).padEnd(6, '0')
        expect(micros).toBe(Date.parse(whole) * 1_000 + Number(fraction))
      }),
      { numRuns: times(1_000, 20_000) },
    )
    expect(taken).toBeGreaterThan(50)
  })

  it('a day of the years 1 to 9999', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(day, hostileText), async (text) => {
        const { data } = dateSchema.safeParse(text)
        if (data !== undefined)
          expect(await stored(`to_char($1::date, 'YYYY-MM-DD')`, data)).toBe(text)
      }),
      { numRuns: times(1_000, 20_000) },
    )
    for (const refused of ['0000-01-01', '0000-02-29', '10000-01-01', 'infinity', '2026-02-29']) {
      expect(dateSchema.safeParse(refused).success, refused).toBe(false)
    }
  })

  it('a name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), hostileText), async (text) => {
        const { data } = textSchema(500).safeParse(text)
        if (data !== undefined) expect(await stored('$1::text', data)).toBe(data)
      }),
      { numRuns: times(300, 5_000) },
    )
  })

  it('a JSON object', async () => {
    const objects = fc.oneof(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })),
      hostileJson.map((text) => ({ it: readOr(text) })),
    )
    await fc.assert(
      fc.asyncProperty(objects, async (value) => {
        const { data } = jsonObjectSchema.safeParse(value)
        if (data === undefined || !isStorable(data)) return
        const text = JSON.stringify(data)
        // A second reading takes away what JSON does not tell: -0.
        expect(await stored('$1::text::jsonb', text)).toEqual(JSON.parse(text))
      }),
      { numRuns: times(300, 5_000) },
    )
  })
})

const readOr = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
