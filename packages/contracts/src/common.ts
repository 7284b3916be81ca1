import { z } from 'zod'
import { MAX_QUANTITY } from './limits.js'
import { ROLES } from './roles.js'

export const roleSchema = z.enum(ROLES)

/**
 * C0, DEL, C1 and the two line separators of Unicode, and halves of characters: nobody means them, nobody sees them, and
 * no identifier that has one can be typed again. PostgreSQL refuses the same in what other programs write.
 */
const CONTROL_OR_LONE_SURROGATE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u

/**
 * Human text of one line: 1 to `max` characters without control characters or lone surrogates. White space at its ends is
 * cut off, here as in the database.
 */
export const textSchema = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !CONTROL_OR_LONE_SURROGATE.test(text), 'has control or invalid characters')

/** U+0000 and halves of characters: JavaScript and JSON have them, `text` and `jsonb` take neither. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u

/** Text that the database can hold as it is, of any length. */
export const storableTextSchema = z
  .string()
  .refine((text) => !UNSTORABLE.test(text), 'has U+0000 or half a character')

/**
 * Whether all of a JSON value can be kept: no U+0000 and no half of a character in a text or a key, and no number that
 * JavaScript has read as infinite, which would come back as null.
 */
export const isStorable = (value: unknown): boolean => {
  if (typeof value === 'string') return !UNSTORABLE.test(value)
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member))
}

export const timestampSchema = z.iso.datetime()

/**
 * A moment that a caller names, at any offset from UTC: years 1 to 9999, as answers can tell them. Becomes UTC with at
 * most six digits after the second, which every JavaScript and every PostgreSQL reads the same way.
 */
export const momentSchema = z.iso
  .datetime({ offset: true })
  .max(64)
  .transform((text, context) => {
    const fraction = /\.(\d{1,6})/.exec(text)?.[1] ?? '0'
    const time = new Date(text.replace(/\.\d+/, '')).getTime()
    if (!(time >= FIRST_MOMENT && time < END_OF_MOMENTS)) {
      context.addIssue({ code: 'custom', message: 'is not between the years 1 and 9999 in UTC' })
      return z.NEVER
    }
    return new Date(time).toISOString().replace(/\.\d+/, `.${fraction}`)
  })

const FIRST_MOMENT = Date.parse('0001-01-01T00:00:00Z')
const END_OF_MOMENTS = Date.parse('+010000-01-01T00:00:00Z')

/** A day, `YYYY-MM-DD`, years 1 to 9999: PostgreSQL has no year 0. */
export const dateSchema = z.iso.date().refine((day) => !day.startsWith('0000'), 'has no year 0')
export const quantitySchema = z.int().min(0).max(MAX_QUANTITY)
/** A quantity that moves stock: at least 1. */
export const movedQuantitySchema = z.int().min(1).max(MAX_QUANTITY)

/** A JSON value nested at most this deep is taken; deeper ones are refused before anybody walks them. */
export const MAX_JSON_DEPTH = 32

/** Whether `value` is nested at most `depth` levels; bounded itself, so safe on hostile input. */
export const isWithinDepth = (value: unknown, depth: number = MAX_JSON_DEPTH): boolean => {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Object.values(value).every((member) => isWithinDepth(member, depth - 1))
}

/** Any JSON object: `{ ... }`, nested at most 32 deep. */
export const jsonObjectSchema = z
  .record(z.string(), z.unknown())
  .refine((value) => isWithinDepth(value), `is nested more than ${MAX_JSON_DEPTH.toString()} deep`)
export type JsonObject = z.infer<typeof jsonObjectSchema>

export const seqSchema = z.int().min(0)
export const epochSchema = z.uuid()

/** A place in the log: `seq` entries of the log named `epoch` have been seen. */
export const positionSchema = z.object({ epoch: epochSchema, seq: seqSchema })
export type Position = z.infer<typeof positionSchema>

/** Where a page goes on: `nextCursor` of the page before, as it was. Its text is nobody's to read. */
export const cursorSchema = z
  .string()
  .max(1_024)
  .regex(/^[A-Za-z0-9_-]+$/, 'is not nextCursor of the page before')

export const pageSchema = (maxLimit: number, defaultLimit: number) =>
  z.object({
    limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit),
    cursor: cursorSchema.optional(),
  })
