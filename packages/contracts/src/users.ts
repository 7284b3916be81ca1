import { z } from 'zod'
import { roleSchema, seqSchema, textSchema, timestampSchema } from './common.js'

export const usernameSchema = z
  .string()
  .trim()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,99}$/u,
    '1 to 100 letters, digits or . _ @ -, a letter or digit first',
  )

/** 8 to 256 characters (NIST SP 800-63B 5.1.1.2); no rule on their kinds. */
export const passwordSchema = z.string().min(8).max(256)

export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  role: roleSchema,
  isActive: z.boolean(),
  createdAt: timestampSchema,
})
export type User = z.infer<typeof userSchema>

/** An address; white space at its ends is cut off first, as in the database. */
const emailSchema = z.string().trim().max(254).check(z.email())

export const createUserSchema = z.strictObject({
  username: usernameSchema,
  email: emailSchema,
  role: roleSchema,
  password: passwordSchema.optional(),
})
export type CreateUser = z.infer<typeof createUserSchema>

export const updateUserSchema = z
  .strictObject({
    role: roleSchema,
    isActive: z.boolean(),
    email: emailSchema,
    password: passwordSchema,
  })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'names no field to change')
export type UpdateUser = z.infer<typeof updateUserSchema>

export const userPageSchema = z.object({
  users: z.array(userSchema),
  nextCursor: z.string().nullable(),
})
export type UserPage = z.infer<typeof userPageSchema>

export const revokeResultSchema = z.object({ seq: seqSchema })

export const eraseSchema = z.strictObject({
  /** Why, kept with the record of the erasure. Leave the person's name out of it. */
  reason: textSchema(500).optional(),
})

/** How many rows of which table lost a text. */
const lostRowsSchema = z.record(z.string(), z.int().min(0))
export const eraseResultSchema = z.object({ userId: z.string(), rows: lostRowsSchema })
export type EraseResult = z.infer<typeof eraseResultSchema>

export const erasureSchema = eraseResultSchema.extend({
  at: timestampSchema,
  actor: z.string(),
  reason: z.string().nullable(),
})
export type Erasure = z.infer<typeof erasureSchema>
export const erasureListSchema = z.object({ erasures: z.array(erasureSchema) })

export const loginSchema = z.strictObject({
  // As the name itself: a tablet's keyboard puts a space behind it.
  username: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(256),
})
export const refreshSchema = z.strictObject({ refreshToken: z.string().min(1).max(512) })
export const logoutSchema = z.strictObject({ refreshToken: z.string().max(512).optional() })

/** `expiresIn` is in seconds, as in RFC 6749 section 5.1. */
export const tokenPairSchema = z.object({
  accessToken: z.string(),
  expiresIn: z.int().min(1),
  refreshToken: z.string(),
})
export const loginResultSchema = tokenPairSchema.extend({ user: userSchema })
export type LoginResult = z.infer<typeof loginResultSchema>

/** Name of a room: `user_{userId}`, `role_{role}` or one the back end made up. */
export const roomSchema = textSchema(200)
