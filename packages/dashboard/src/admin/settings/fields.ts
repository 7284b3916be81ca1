import type { Item, UpdateItem } from '@uzima/contracts'

/** What of an item may be set in bulk, in the order in which it is shown. The names are those of the file's columns, too. */
export const FIELDS = ['name', 'category', 'unit', 'threshold'] as const
export type Field = (typeof FIELDS)[number]
export type FieldValue = string | number | null

/** What is to become of one field. */
export interface FieldChange {
  readonly field: Field
  /** As it stood when the change was shown. */
  readonly before: FieldValue
  readonly after: FieldValue
}

/** What is to become of one item. */
export interface ItemChange {
  readonly sku: string
  /** As people know the item. */
  readonly name: string
  /** Where it stands in the file; undefined for what was typed. */
  readonly line?: number
  readonly fields: readonly FieldChange[]
}

/** Why a value is not taken; each has a sentence in the words. */
export type ValueProblem = 'not_a_number' | 'too_large' | 'too_long' | 'unprintable'

/** The body that makes the change. */
export const bodyOf = (change: ItemChange): UpdateItem =>
  Object.fromEntries(change.fields.map(({ field, after }) => [field, after]))

/** Whether the item has all that the change wants: somebody else may have done the same, or an answer was lost. */
export const isDone = (item: Item, change: ItemChange): boolean =>
  change.fields.every(({ field, after }) => item[field] === after)

/** The first field that is neither as it was shown nor as it is wanted: what somebody else has made of it meanwhile. */
export const overtakenField = (item: Item, change: ItemChange): FieldChange | undefined =>
  change.fields.find(({ field, before, after }) => item[field] !== before && item[field] !== after)

const LONGEST = { name: 200, category: 100, unit: 50 } as const
const LARGEST = 2_147_483_647

/** Reads what somebody typed or a sheet holds, by the rules of the server, so that a refusal comes before the save. */
export const readValue = (
  field: Field,
  text: string,
): { readonly value: FieldValue } | { readonly problem: ValueProblem } => {
  const trimmed = text.trim()
  if (field === 'threshold') {
    // Sheets group thousands with spaces; a comma or a point may also mean a fraction, so they are refused.
    const digits = trimmed.replace(/(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))/g, '')
    if (!/^\d+$/.test(digits)) return { problem: 'not_a_number' }
    const value = Number(digits)
    return value > LARGEST ? { problem: 'too_large' } : { value }
  }
  if (trimmed.length > LONGEST[field]) return { problem: 'too_long' }
  return UNPRINTABLE.test(trimmed) ? { problem: 'unprintable' } : { value: trimmed }
}

const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u

/** The same change, for the item as it stands now; undefined where nothing is left of it. */
export const rebase = (change: ItemChange, item: Item): ItemChange | undefined => {
  const fields = change.fields
    .map(({ field, after }) => ({ field, before: item[field], after }))
    .filter(({ before, after }) => before !== after)
  return fields.length === 0 ? undefined : { ...change, name: item.name, fields }
}
