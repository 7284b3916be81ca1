import type { Lot } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkDraft,
  EMPTY_DRAFT,
  MOVEMENT_KINDS,
  type MovementDraft,
} from '../src/movements/draft.js'
import { fillFromLabel } from '../src/movements/fill.js'
import { choicesFor } from '../src/movements/refusal-choices.js'
import { EMPTY_LABEL, type Label } from '../src/scan/gs1-elements.js'

const lot = (lotNumber: string, quantity: number): Lot => ({
  lotNumber,
  quantity,
  expiryDate: '2027-06-30',
  receivedAt: '2026-01-01T00:00:00.000Z',
  expired: false,
})
const item = { sku: 'AMOX', lots: [lot('L1', 20), lot('L2', 0)] }

const drafts: fc.Arbitrary<MovementDraft> = fc.record({
  lotNumber: fc.constantFrom('', ' ', 'L1', 'L2', ' L1 ', 'NEW'),
  quantity: fc.oneof(fc.string({ maxLength: 4 }), fc.integer({ min: -9 }).map(String)),
  expiryDate: fc.constantFrom('', '2027-06-30', '2030-01-31'),
  reason: fc.constantFrom('', '  ', 'Broken'),
})

describe('the form of a movement', () => {
  it('makes a movement of whole numbers that the interface takes, or says what is wrong', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MOVEMENT_KINDS), drafts, (kind, draft) => {
        const checked = checkDraft(kind, draft, item)
        if (!checked.ok) {
          expect(Object.keys(checked.problems)).not.toEqual([])
          return
        }
        const { movement } = checked
        expect(movement).toMatchObject({ kind, sku: 'AMOX', quantity: Number(draft.quantity) })
        expect(Number.isSafeInteger(movement.quantity)).toBe(true)
        expect(movement.quantity).toBeGreaterThanOrEqual(kind === 'count' ? 0 : 1)
        // What the interface refuses as empty is left out, or was asked for.
        expect(movement.reason?.trim()).not.toBe('')
      }),
    )
  })

  it('takes 0 for a count, not for what is given out, and never a blank', () => {
    const zero = { ...EMPTY_DRAFT, lotNumber: 'L1', quantity: '0', reason: 'Count' }
    expect(checkDraft('count', zero, item)).toMatchObject({
      ok: true,
      movement: { quantity: 0, expected: 20 },
    })
    expect(checkDraft('consume', zero, item)).toEqual({ ok: false, problems: { quantity: 'zero' } })
    for (const kind of MOVEMENT_KINDS) {
      expect(checkDraft(kind, { ...zero, quantity: ' ' }, item)).toMatchObject({
        problems: { quantity: 'missing' },
      })
    }
  })

  it('knows the expiry date of a lot that is here, and asks where another was typed', () => {
    const draft = { ...EMPTY_DRAFT, lotNumber: ' L1', quantity: '5' }
    expect(checkDraft('receive', draft, item)).toMatchObject({
      movement: { lotNumber: 'L1', expiryDate: '2027-06-30' },
    })
    expect(checkDraft('receive', { ...draft, expiryDate: '2028-01-01' }, item)).toEqual({
      ok: false,
      problems: { expiryDate: 'other expiry' },
    })
    expect(checkDraft('receive', { ...draft, lotNumber: 'NEW' }, item)).toEqual({
      ok: false,
      problems: { expiryDate: 'missing' },
    })
  })
})

describe('a scan into a form', () => {
  const labels: fc.Arbitrary<Label> = fc.record({
    gtin: fc.constantFrom(null, '09501101530003'),
    lot: fc.constantFrom(null, 'L1', 'L9'),
    expiry: fc.constantFrom(null, '2027-06-30', '2030-01-31'),
    produced: fc.constant(null),
    serial: fc.constant(null),
    count: fc.constantFrom(null, 12),
  })

  it('fills what is empty, keeps what was typed, writes no blank, and asks about each difference', () => {
    fc.assert(
      fc.property(drafts, labels, (draft, label) => {
        const { draft: filled, differences } = fillFromLabel(draft, label)
        const told = { lotNumber: label.lot, expiryDate: label.expiry }
        for (const field of ['lotNumber', 'expiryDate'] as const) {
          const typed = draft[field].trim()
          expect(filled[field].trim()).toBe(typed === '' ? (told[field] ?? '') : typed)
          expect(differences.some((difference) => difference.field === field)).toBe(
            told[field] !== null && typed !== '' && typed !== told[field],
          )
        }
        expect(filled).toMatchObject({ quantity: draft.quantity, reason: draft.reason })
        expect(fillFromLabel(filled, label)).toEqual({ draft: filled, differences })
      }),
    )
  })

  it('of a code that says nothing changes nothing', () => {
    expect(fillFromLabel(EMPTY_DRAFT, EMPTY_LABEL)).toEqual({ draft: EMPTY_DRAFT, differences: [] })
  })
})

describe('a refused movement', () => {
  const refused = (
    movement: Parameters<typeof choicesFor>[0]['movement'],
    params: Record<string, unknown>,
  ): string[] =>
    choicesFor({ movement, refusal: { code: 'ANY', detail: '', status: 409, params } }).map(
      ({ kind }) => kind,
    )
  const consume = { kind: 'consume', sku: 'AMOX', quantity: 20 } as const
  const count = {
    kind: 'count',
    sku: 'AMOX',
    lotNumber: 'L1',
    quantity: 9,
    reason: 'Count',
  } as const

  it('for want of stock can ask for what is there', () => {
    expect(
      choicesFor({
        movement: consume,
        refusal: { code: 'ANY', detail: '', status: 409, params: { available: 12 } },
      })[0],
    ).toEqual({
      kind: 'take',
      quantity: 12,
      changes: { quantity: 12 },
    })
    expect(refused(consume, { requested: 20, available: 12 })).toEqual(['take', 'change', 'drop'])
  })

  it('cannot ask for nothing', () => {
    expect(refused(consume, { requested: 20, available: 0 })).toEqual(['change', 'drop'])
    expect(refused(consume, {})).toEqual(['change', 'drop'])
  })

  it('that is a count of a stock that moved can be counted again, or stand', () => {
    expect(refused(count, { expected: 10, actual: 7 })).toEqual(['recount', 'keep', 'drop'])
    expect(
      choicesFor({
        movement: count,
        refusal: { code: 'ANY', detail: '', status: 409, params: { actual: 7 } },
      })[1],
    ).toEqual({
      kind: 'keep',
      quantity: 9,
      changes: { expected: 7 },
    })
  })
})
