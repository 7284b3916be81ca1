import type { Movement } from '@uzima/client'
import type { Item } from '@uzima/contracts'

/** What the form of a movement holds: texts, as typed. One shape for all, so that going to another form loses nothing. */
export interface MovementDraft {
  readonly lotNumber: string
  readonly quantity: string
  /** `YYYY-MM-DD` */
  readonly expiryDate: string
  readonly reason: string
}

export const EMPTY_DRAFT: MovementDraft = {
  lotNumber: '',
  quantity: '',
  expiryDate: '',
  reason: '',
}

/** Under which name an item's draft is kept. */
export const draftName = (sku: string): string => `movement:${sku}`

export const isMovementDraft = (value: unknown): value is MovementDraft =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(EMPTY_DRAFT).every(
    (field) => typeof (value as Record<string, unknown>)[field] === 'string',
  )

/** The movements that have a form of their own. */
export const MOVEMENT_KINDS = ['receive', 'consume', 'count', 'dispose'] as const
export type MovementKind = (typeof MOVEMENT_KINDS)[number]

export const isMovementKind = (text: string | null): text is MovementKind =>
  (MOVEMENT_KINDS as readonly (string | null)[]).includes(text)

export type DraftField = keyof MovementDraft

/** The fields of each form, in the order in which they are filled in. */
export const FIELDS_OF: Readonly<Record<MovementKind, readonly DraftField[]>> = {
  receive: ['lotNumber', 'expiryDate', 'quantity', 'reason'],
  consume: ['quantity', 'reason'],
  count: ['lotNumber', 'quantity', 'reason'],
  dispose: ['lotNumber', 'quantity', 'reason'],
}

/** What is wrong with a field; the form has a sentence for each. */
export type DraftProblem =
  'missing' | 'not a number' | 'too much' | 'zero' | 'no such lot' | 'other expiry'

export type CheckedDraft =
  | { readonly ok: true; readonly movement: Movement }
  | { readonly ok: false; readonly problems: Readonly<Partial<Record<DraftField, DraftProblem>>> }

const MAX_QUANTITY = 2_147_483_647

/** Makes the movement that a form means, or says which fields are not right yet. */
export const checkDraft = (
  kind: MovementKind,
  draft: MovementDraft,
  { sku, lots }: Pick<Item, 'sku' | 'lots'>,
): CheckedDraft => {
  const lotNumber = draft.lotNumber.trim()
  const reason = draft.reason.trim()
  const known = lots.find((lot) => lot.lotNumber === lotNumber)
  const expiryDate = draft.expiryDate === '' ? (known?.expiryDate ?? '') : draft.expiryDate
  const found: Partial<Record<DraftField, DraftProblem>> = {}

  const quantityProblem = problemOfQuantity(draft.quantity, kind === 'count' ? 0 : 1)
  if (quantityProblem !== undefined) found.quantity = quantityProblem
  if (kind !== 'consume') {
    if (lotNumber === '') found.lotNumber = 'missing'
    else if (kind !== 'receive' && known === undefined) found.lotNumber = 'no such lot'
  }
  if (kind === 'receive') {
    if (expiryDate === '') found.expiryDate = 'missing'
    else if (known !== undefined && known.expiryDate !== expiryDate) {
      found.expiryDate = 'other expiry'
    }
  }
  if ((kind === 'dispose' || kind === 'count') && reason === '') found.reason = 'missing'
  if (Object.keys(found).length > 0) return { ok: false, problems: found }

  const quantity = Number(draft.quantity)
  const because = reason === '' ? {} : { reason }
  switch (kind) {
    case 'receive':
      return { ok: true, movement: { kind, sku, lotNumber, quantity, expiryDate, ...because } }
    case 'consume':
      return { ok: true, movement: { kind, sku, quantity, ...because } }
    case 'count': {
      const expected = known?.quantity ?? 0
      return { ok: true, movement: { kind, sku, lotNumber, quantity, expected, reason } }
    }
    case 'dispose':
      return { ok: true, movement: { kind, sku, lotNumber, quantity, reason } }
  }
}

/** What is wrong with a typed quantity; undefined where it is a whole number from `least` on. */
export const problemOfQuantity = (typed: string, least: 0 | 1): DraftProblem | undefined => {
  const text = typed.trim()
  if (text === '') return 'missing'
  if (!/^\d+$/.test(text)) return 'not a number'
  if (Number(text) > MAX_QUANTITY) return 'too much'
  return Number(text) < least ? 'zero' : undefined
}
