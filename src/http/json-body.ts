import { isWithinDepth } from '@uzima/contracts'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.js'
import { invalid } from './thrown.js'

/** Largest body of a request, in bytes. */
export const BODY_LIMIT = 65_536

/**
 * Takes JSON bodies and nothing else. Refused: other media types and encodings, bytes that are not UTF-8, `__proto__`
 * and `constructor` keys, nesting beyond 32, and text that PostgreSQL cannot hold. An empty body is no body.
 */
export const addJsonBody = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser('error', 'error')
  const utf8 = new TextDecoder('utf-8', { fatal: true })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      if (body.length === 0) {
        done(null, undefined)
        return
      }
      let text: string
      try {
        text = utf8.decode(body)
      } catch (cause) {
        done(new AppError('VALIDATION_FAILED', { detail: 'The body is not UTF-8.', cause }))
        return
      }
      void parse(request, text, (error, value) => {
        if (error !== null) {
          done(new AppError('VALIDATION_FAILED', { detail: 'The body is not JSON.', cause: error }))
        } else if (!isWithinDepth(value)) {
          done(
            new AppError('VALIDATION_FAILED', { detail: 'The body is nested more than 32 deep.' }),
          )
        } else if (hasUnstorableText(value)) {
          done(
            new AppError('VALIDATION_FAILED', {
              detail: 'The body has U+0000 or half a character.',
            }),
          )
        } else {
          done(null, value)
        }
      })
    },
  )

  app.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (encoding.toLowerCase() === 'identity') done()
    else {
      done(new AppError('UNSUPPORTED_MEDIA_TYPE', { detail: 'Send the body without encoding.' }))
    }
  })
}

/** Refuses parameters of the query that are given twice, or that hold text that PostgreSQL cannot hold. */
export const addPlainQuery = (app: FastifyInstance): void => {
  app.addHook('preValidation', (request, _reply, done) => {
    // Fastify's parser makes an object of texts, or of lists of texts where a name comes twice.
    const errors = Object.entries(request.query as Record<string, string | string[]>).flatMap(
      ([name, value]) => {
        const path = `query.${name.slice(0, 100)}`
        if (Array.isArray(value)) return [{ path, message: 'is given more than once' }]
        return hasUnstorableText(value) ? [{ path, message: 'has invalid characters' }] : []
      },
    )
    done(errors.length === 0 ? undefined : invalid(errors.slice(0, 20)))
  })
}

/** Whether a text or key anywhere in `value` has U+0000 or a lone surrogate: `jsonb` and `text` take neither. */
const hasUnstorableText = (value: unknown): boolean => {
  if (typeof value === 'string') return UNSTORABLE.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([key, member]) => hasUnstorableText(key) || hasUnstorableText(member),
  )
}

const UNSTORABLE = /\u0000|\p{Surrogate}/u
