import type { Movement } from '@uzima/client'
import type { Movement as PastMovement } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { counterMovements } from '../src/movements/undo.js'

type Shelf = Readonly<Record<string, number>>

/** What the server does to the lots. */
const after = (shelf: Shelf, movement: Movement): Shelf => {
  if (movement.kind === 'consume') throw new Error('An undo names its lots')
  const held = shelf[movement.lotNumber] ?? 0
  const { lotNumber, quantity } = movement
  switch (movement.kind) {
    case 'receive':
      return { ...shelf, [lotNumber]: held + quantity }
    case 'dispose':
      expect(held).toBeGreaterThanOrEqual(quantity)
      return { ...shelf, [lotNumber]: held - quantity }
    case 'count':
      expect(movement.expected).toBe(held)
      return { ...shelf, [lotNumber]: quantity }
  }
}

const pasts = fc
  .record({
    type: fc.constantFrom('lot_added', 'consumed', 'disposed', 'adjusted', 'expired', 'updated'),
    lots: fc.uniqueArray(
      fc.record({
        lotNumber: fc.constantFrom('A', 'B', 'C'),
        before: fc.nat({ max: 1000 }),
        after: fc.nat({ max: 1000 }),
      }),
      { selector: ({ lotNumber }) => lotNumber },
    ),
  })
  .map(({ type, lots }): Pick<PastMovement, 'type' | 'lots'> => ({
    type: type,
    lots: lots.map((lot) => ({ ...lot, expiryDate: '2030-01-31', delta: lot.after - lot.before })),
  }))

describe('taking a movement back', () => {
  it('puts every lot back to what it held, by movements with a reason', () => {
    fc.assert(
      fc.property(pasts, (past) => {
        const counters = counterMovements('AMOX', past, 'Taken back')
        const now = Object.fromEntries(past.lots.map((lot) => [lot.lotNumber, lot.after]))
        const before = Object.fromEntries(past.lots.map((lot) => [lot.lotNumber, lot.before]))
        expect(counters.reduce(after, now)).toEqual(before)
        expect(counters.every(({ reason }) => reason === 'Taken back')).toBe(true)
      }),
    )
  })

  it('has nothing to do for a lot that merely expired', () => {
    const lots = [{ lotNumber: 'A', expiryDate: '2026-01-31', delta: 0, before: 5, after: 5 }]
    expect(counterMovements('AMOX', { type: 'expired', lots }, 'Taken back')).toEqual([])
  })
})
