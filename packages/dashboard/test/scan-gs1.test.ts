import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCode } from '../src/scan/gs1.js'
import { dateOf, gtinOf } from '../src/scan/gs1-values.js'

const NOW = new Date('2026-11-27T12:00:00Z')
const GS = '\u001d'
const GTIN = '09501101530003'
const read = (text: string): ReturnType<typeof readCode> => readCode(text, NOW)

const checkDigit = (digits: string): string => {
  for (let digit = 0; digit < 10; digit += 1) {
    if (gtinOf(digits + digit.toString()) !== null) return digits + digit.toString()
  }
  throw new Error(`No check digit fits ${digits}`)
}
const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...Array.from('0123456789')),
    minLength: length,
    maxLength: length,
  })
const gtins = digits(13).map(checkDigit)
const words = (maxLength = 20): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from('ABCDXYZ0123789-/._')), minLength: 1, maxLength })
const days = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2060-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10))
const yymmdd = (day: string): string => day.slice(2).replaceAll('-', '')

describe('a bare number', () => {
  it.each([
    ['5901234123457', '05901234123457'],
    ['96385074', '00000096385074'],
    ['036000291452', '00036000291452'],
    [GTIN, GTIN],
    [']E05901234123457', '05901234123457'],
  ])('%s is the GTIN %s', (text, gtin) => {
    expect(read(text).label).toEqual({
      gtin,
      lot: null,
      expiry: null,
      produced: null,
      serial: null,
      count: null,
    })
  })

  it('is a code of the house where its check digit is wrong, whatever elements it looks like', () => {
    expect(read('9501101530004').label).toBeNull()
    expect(read('1012345678901').label).toBeNull()
    expect(read('AMOX-500').label).toBeNull()
  })

  it('has one check digit', () => {
    fc.assert(
      fc.property(digits(12), (start) => {
        const fitting = Array.from('0123456789').filter((last) => gtinOf(start + last) !== null)
        expect(fitting).toHaveLength(1)
      }),
    )
  })
})

describe('GS1 elements', () => {
  it('give lot and expiry of a DataMatrix, whichever way the scanner marks it', () => {
    const elements = `01${GTIN}1727063010AB-12${GS}21SERIAL-9`
    for (const text of [elements, `]d2${elements}`, `]C1${elements}`, `]Q3${elements}`]) {
      expect(read(text)).toMatchObject({
        label: { gtin: GTIN, lot: 'AB-12', expiry: '2027-06-30', serial: 'SERIAL-9' },
        otherwise: [],
      })
    }
  })

  it('are the same elements, in brackets, as a link, and with a written separator', () => {
    const elements = read(`01${GTIN}10AB/12${GS}17261100`)
    expect(elements.label).toMatchObject({ gtin: GTIN, lot: 'AB/12', expiry: '2026-11-30' })
    for (const text of [
      `(01)${GTIN}(10)AB/12(17)261100`,
      `(01) ${GTIN} (10) AB/12 (17) 261100`,
      `https://id.gs1.org/01/${GTIN}/10/AB%2F12?17=261100`,
      `https://example.org/some/where/01/${GTIN.slice(1)}/10/AB%2F12?17=261100&linkType=all`,
      `01${GTIN}10AB/12<GS>17261100`,
    ]) {
      expect(read(text).label).toEqual(elements.label)
    }
  })

  it('come out as they were put in, in any order, with a separator behind each free value', () => {
    fc.assert(
      fc.property(
        fc.record({
          gtin: gtins,
          lot: words(),
          serial: words(),
          expiry: days,
          produced: days,
          count: fc.integer({ min: 0, max: 99_999_999 }),
        }),
        fc.shuffledSubarray(['lot', 'serial', 'expiry', 'produced', 'count'] as const),
        (label, fields) => {
          const elements = {
            lot: `10${label.lot}${GS}`,
            serial: `21${label.serial}${GS}`,
            expiry: `17${yymmdd(label.expiry)}`,
            produced: `11${yymmdd(label.produced)}`,
            count: `37${label.count.toString()}${GS}`,
          }
          const text = `]d201${label.gtin}${fields.map((field) => elements[field]).join('')}${GS}`
          expect(read(text)).toMatchObject({
            label: {
              gtin: label.gtin,
              ...Object.fromEntries(fields.map((field) => [field, label[field]])),
            },
            otherwise: [],
          })
        },
      ),
    )
  })

  it('without separators always have the true reading among those shown', () => {
    fc.assert(
      fc.property(gtins, words(8), words(8), days, (gtin, lot, tail, expiry) => {
        fc.pre(lot.length + tail.length < 16)
        const serial = `S-${tail.padEnd(6, 'X')}`
        const text = `01${gtin}17${yymmdd(expiry)}10${lot}21${serial}`
        const { label, otherwise } = read(text)
        // Several 21 in a row may be more readings than anybody would look at.
        fc.pre(otherwise.length < 3)
        expect([label, ...otherwise]).toContainEqual(
          expect.objectContaining({ gtin, lot, serial, expiry }),
        )
        expect(otherwise.length).toBeGreaterThan(0)
      }),
    )
  })

  it('raise no doubt about a lot that just has a 21 in it', () => {
    const { label, otherwise } = read(`01${GTIN}1727063010B2145`)
    expect(label?.lot).toBe('B2145')
    expect(otherwise).toEqual([])
  })

  it('step over what a medicine may also carry, and end at what is unknown', () => {
    expect(read(`01${GTIN}714PT-77${GS}17270630`).label).toMatchObject({ expiry: '2027-06-30' })
    expect(read(`]d201${GTIN}88888`).label).toBeNull()
    expect(read(`01${GTIN}17271330`).label).toBeNull()
    expect(read(`01${GTIN.slice(0, -1)}410AB`).label).toBeNull()
  })

  it('never throw, and never make up a day, whatever is scanned', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 60 }),
          fc.string({ unit: fc.constantFrom(...Array.from(`01237]dC%()/${GS}`)), maxLength: 60 }),
          fc.string({ maxLength: 40 }).map((path) => `https://example.org/01/${GTIN}/${path}`),
        ),
        (text) => {
          const { label, otherwise } = read(text)
          for (const { expiry } of [label, ...otherwise].filter((one) => one !== null)) {
            if (expiry !== null) expect(new Date(expiry).toISOString()).toContain(expiry)
          }
        },
      ),
    )
  })

  it('of the longest string of digits take no time', () => {
    expect(read(`01${GTIN}${'1021'.repeat(45)}`).otherwise.length).toBeLessThan(4)
  })
})

describe("a label's day", () => {
  it('00 is the last of its month, leap years included', () => {
    expect(dateOf('280200', 2026)).toBe('2028-02-29')
    expect(dateOf('270200', 2026)).toBe('2027-02-28')
    expect(dateOf('260900', 2026)).toBe('2026-09-30')
  })

  it('is in the year nearest to this one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2000, max: 2199 }),
        fc.integer({ min: -49, max: 50 }),
        (year, ahead) => {
          const meant = year + ahead
          const yy = (meant % 100).toString().padStart(2, '0')
          expect(dateOf(`${yy}0115`, year)).toBe(`${meant.toString()}-01-15`)
        },
      ),
    )
  })

  it('is none where the calendar has none', () => {
    for (const text of ['261301', '260001', '260931', '270229', '26093', 'abcdef']) {
      expect(dateOf(text, 2026)).toBeNull()
    }
  })
})
