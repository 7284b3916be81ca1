import { z } from 'zod'

/** Largest quantity of a lot, a total or a threshold: 2^31-1, PostgreSQL's `integer`. */
export const MAX_QUANTITY = 2_147_483_647

const CONTROL_OR_LONE_SURROGATE = /[\u0000-\u001f\u007f]|\p{Surrogate}/u

/** Human text of one line: 1 to `max` characters, trimmed, without control characters or lone surrogates. */
export const textSchema = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !CONTROL_OR_LONE_SURROGATE.test(text), 'has control or invalid characters')

export const timestampSchema = z.iso.datetime()
export const dateSchema = z.iso.date()
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

export const pageSchema = (maxLimit: number, defaultLimit: number) =>
  z.object({
    limit: z.coerce.number().int().min(1).max(maxLimit).default(defaultLimit),
    cursor: z.string().max(512).optional(),
  })
