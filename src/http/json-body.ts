import { isStorable, isWithinDepth } from '@uzima/contracts'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.js'
import { invalid } from './thrown.js'

/** Largest body of a request, in bytes. */
export const BODY_LIMIT = 65_536

/**
 * Takes JSON bodies and nothing else. Refused: other media types and encodings, bytes that are not UTF-8, `__proto__`
 * and `constructor` keys, nesting beyond 32, and what PostgreSQL cannot hold. An empty body is no body.
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
        } else if (!isStorable(value)) {
          done(
            new AppError('VALIDATION_FAILED', {
              detail: 'The body has U+0000, half a character or a number beyond 1.8e308.',
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

/** Refuses parameters of query and path that hold text that PostgreSQL cannot hold, or of the query that come twice. */
export const addPlainParameters = (app: FastifyInstance): void => {
  app.addHook('preValidation', (request, _reply, done) => {
    // Fastify's parser makes an object of texts, or of lists of texts where a name comes twice.
    const query = Object.entries(request.query as Record<string, string | string[]>)
    const path = Object.entries(request.params as Record<string, string>)
    const errors = [
      ...query.flatMap(([name, value]) => problemsOf('query', name, value)),
      ...path.flatMap(([name, value]) => problemsOf('path', name, value)),
    ]
    done(errors.length === 0 ? undefined : invalid(errors.slice(0, 20)))
  })
}

const problemsOf = (place: string, name: string, value: string | string[]) => {
  const path = `${place}.${name.slice(0, 100)}`
  if (Array.isArray(value)) return [{ path, message: 'is given more than once' }]
  return isStorable(value) && isStorable(name) ? [] : [{ path, message: 'has invalid characters' }]
}
