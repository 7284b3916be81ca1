import { addLotSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { addDays } from '../src/calendar.js'
import { formulary } from '../src/formulary.js'
import { buildLots } from '../src/lots.js'

const today = '2026-03-01'
const lots = buildLots(formulary, { today })

describe('buildLots', () => {
  it('gives every item 1 to 4 lots with numbers of their own', () => {
    for (const { sku } of formulary) {
      const own = lots.filter((lot) => lot.sku === sku)
      expect(own.length, sku).toBeGreaterThanOrEqual(1)
      expect(own.length, sku).toBeLessThanOrEqual(4)
      expect(new Set(own.map(({ lotNumber }) => lotNumber)).size, sku).toBe(own.length)
    }
  })

  it('makes lots that the API would accept', () => {
    for (const { lotNumber, quantity, expiryDate } of lots) {
      expect(() => addLotSchema.parse({ lotNumber, quantity, expiryDate })).not.toThrow()
    }
  })

  it('gives the same lots for the same seed and day', () => {
    expect(buildLots(formulary, { today })).toEqual(lots)
    expect(buildLots(formulary, { today, seed: 'another' })).not.toEqual(lots)
  })

  it('moves expiry dates with the day and leaves the quantities', () => {
    const nextDay = buildLots(formulary, { today: addDays(today, 1) })
    expect(nextDay.map(({ quantity }) => quantity)).toEqual(lots.map(({ quantity }) => quantity))
    expect(nextDay.map(({ expiryDate }) => expiryDate)).toEqual(
      lots.map(({ expiryDate }) => addDays(expiryDate, 1)),
    )
  })

  it('has lots that end within 30 and within 90 days, and two that have expired', () => {
    const endingBy = (day: string) => lots.filter(({ expiryDate }) => expiryDate < day).length
    expect(endingBy(today)).toBe(2)
    expect(endingBy(addDays(today, 30))).toBeGreaterThan(10)
    expect(endingBy(addDays(today, 90))).toBeGreaterThan(30)
    expect(endingBy(addDays(today, 90))).toBeLessThan(lots.length / 3)
  })

  it('leaves a few items below their threshold and the rest above it', () => {
    const short = formulary.filter(({ sku, threshold }) => {
      const own = lots.filter((lot) => lot.sku === sku)
      return own.reduce((sum, { quantity }) => sum + quantity, 0) <= threshold
    })
    expect(short).toHaveLength(9)
  })

  it('received every lot before today and before its expiry', () => {
    for (const { receivedAt, expiryDate } of lots) {
      expect(receivedAt < today).toBe(true)
      expect(receivedAt < expiryDate).toBe(true)
    }
  })
})
