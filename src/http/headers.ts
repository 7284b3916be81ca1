import { MAX_QUANTITY } from '@uzima/contracts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Command } from '../inventory/inventory.js'
import { principalOf } from '../middleware/http-auth.js'
import { invalid } from './thrown.js'

/** Headers of a POST that changes stock. Loose: the request's other headers stay where they are. */
export const idempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'The same key and body get the same answer; nothing is done twice.' }),
})

/** Headers of a change that may ask for a version. */
export const preconditionHeaders = z.looseObject({
  'if-match': z
    .string()
    .max(1_000)
    .optional()
    .meta({ description: 'ETag of the version that the change was made from.' }),
})

/** The command of `request`'s caller, with the Idempotency-Key that came with it. */
export const commandOf = (request: FastifyRequest): Command => {
  const { user } = principalOf(request)
  const idempotencyKey = request.headers['idempotency-key']
  return {
    actor: user.username,
    userId: user.id,
    // Its schema takes one text; Node joins repeated ones of this name with a comma and a space, which it refuses.
    ...(typeof idempotencyKey === 'string' ? { idempotencyKey } : {}),
  }
}

/** The entity tag of a version. */
export const etagOf = (item: { readonly version: number }): string => `"${item.version.toString()}"`

/** A version that no item has: versions begin at 1. */
const NO_VERSION = 0
const ENTITY_TAG = /^(W\/)?"[\x21\x23-\x7e]*"$/
const OUR_TAG = /^"([1-9]\d{0,9})"$/

/**
 * The version that `If-Match` asks for: undefined for none or `*`, and 0, which matches nothing, for a weak tag or one
 * that we never gave. Throws `VALIDATION_FAILED` for what is no entity tag, and for a list.
 *
 * @see RFC 9110 section 13.1.1: weak tags never match here
 */
export const wantedVersion = (header: string | undefined): number | undefined => {
  const text = header?.trim()
  if (text === undefined || text === '*') return undefined
  if (!ENTITY_TAG.test(text)) {
    throw invalid([{ path: 'header.if-match', message: 'is not one entity tag such as "3"' }])
  }
  const version = Number(OUR_TAG.exec(text)?.[1] ?? NO_VERSION)
  return version > MAX_QUANTITY ? NO_VERSION : version
}
