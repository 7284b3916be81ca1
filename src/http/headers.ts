import { MAX_QUANTITY } from '@uzima/contracts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Command } from '../inventory/inventory.js'
import { principalOf } from '../middleware/http-auth.js'

/** Headers of a POST that changes stock. Loose: the request's other headers stay where they are. */
export const idempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
    .optional()
    .meta({
      description:
        'The same key and body get the same answer; nothing is done twice, however late it comes.',
    }),
})

// RFC 9110 sections 8.8.3 and 5.6.1: entity tags between commas, with empty places. Each text matches in one way only.
const ENTITY_TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`
const ENTITY_TAGS = String.raw`[ \t]*(?:${ENTITY_TAG})?(?:[ \t]*,(?:[ \t]*${ENTITY_TAG})?)*[ \t]*`
const IF_MATCH = new RegExp(String.raw`^(?:[ \t]*\*[ \t]*|(?=.*")${ENTITY_TAGS})$`)

/** Headers of a change that may ask for a version. */
export const preconditionHeaders = z.looseObject({
  'if-match': z
    .string()
    .max(1_000)
    .regex(IF_MATCH, 'is neither * nor entity tags such as "3": send the ETag as it came')
    .optional()
    .meta({
      description:
        'ETag of the version that the change was made from, as it came, weak or not; several between commas: any of them; *: whichever there is.',
    }),
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

// A proxy that compresses makes the tag weak (nginx, Caddy) or writes the coding behind the number (Apache: "3-gzip").
const OUR_TAG = /"([1-9]\d{0,9})(?:-{1,2}(?:gzip|br|zstd|deflate))?"/g

/**
 * The versions that `If-Match` asks for, one of which the item must have: undefined for none or `*`, empty where none of
 * the tags can be ours. Weak tags count, against the letter of RFC 9110 section 13.1.1, which would make each of them a 412
 * for ever: it fears two states that a weak tag calls the same, and our tag is the number of the state, which every change
 * of the item counts up. Weak then says no more than that the bytes of the answer were packed differently.
 */
export const wantedVersions = (header: string | undefined): readonly number[] | undefined =>
  header === undefined || header.trim() === '*'
    ? undefined
    : [...header.matchAll(OUR_TAG)].map(([, text]) => Number(text)).filter(isVersion)

const isVersion = (version: number): boolean => version <= MAX_QUANTITY
