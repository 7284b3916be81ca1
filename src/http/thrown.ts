import type { ErrorCode } from '@uzima/contracts'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { AppError, toAppError } from '../errors/app-error.js'
import { isUnavailable } from '../storage/unavailable.js'

/** One field of a request that is not valid. */
interface FieldError {
  /** `quantity`, `metadata.atc`; `query.limit`, `path.sku`, `header.if-match` outside the body. */
  readonly path: string
  readonly message: string
}

/** Turns anything that a request ran into into an `AppError`: ours, the validator's, the framework's, the database's. */
export const asAppError = (thrown: unknown): AppError => {
  if (thrown instanceof AppError) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) return invalid(fieldErrors(thrown))
  const { code, statusCode } = frameworkError(thrown)
  const known = FRAMEWORK_CODES[code]
  if (known !== undefined) return new AppError(known.code, { detail: known.detail, cause: thrown })
  // The file server's word for an address that leads out of its folder: nothing is there.
  if (statusCode === 403 || statusCode === 404) {
    return new AppError('NOT_FOUND', { detail: NOTHING_HERE, cause: thrown })
  }
  // The framework's and its plugins': whoever calls an error the caller's fault has looked at the request.
  if (statusCode >= 400 && statusCode < 500) {
    return new AppError('VALIDATION_FAILED', {
      detail: 'The request cannot be read.',
      cause: thrown,
    })
  }
  return isUnavailable(thrown)
    ? new AppError('SERVER_UNAVAILABLE', { cause: thrown, retryAfterMs: RETRY_AFTER_MS })
    : toAppError(thrown)
}

/** A fail-over takes seconds; who comes at once meets it again. */
const RETRY_AFTER_MS = 1_000

/** A `VALIDATION_FAILED` that names its fields. */
export const invalid = (errors: readonly FieldError[]): AppError =>
  new AppError('VALIDATION_FAILED', {
    detail: errors
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
      .join('; '),
    details: { errors },
  })

const NOTHING_HERE = 'Nothing is served at this address.'

const FRAMEWORK_CODES: Readonly<Record<string, { code: ErrorCode; detail: string }>> = {
  FST_ERR_NOT_FOUND: { code: 'NOT_FOUND', detail: NOTHING_HERE },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'NOT_FOUND', detail: 'A part of the path is too long.' },
  FST_ERR_BAD_URL: { code: 'VALIDATION_FAILED', detail: 'The path is not validly encoded.' },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'PAYLOAD_TOO_LARGE',
    detail: 'Send at most 65536 bytes.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'Send the body with Content-Type: application/json.',
  },
  FST_ERR_HANDLER_TIMEOUT: {
    code: 'SERVER_UNAVAILABLE',
    detail:
      'The request took too long. Whether it was done is not known; an Idempotency-Key tells.',
  },
}

const MOST_ERRORS = 20
const LONGEST_MESSAGE = 200

interface Issue {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string | undefined
  readonly params: Readonly<Record<string, unknown>>
}

const PLACES: Readonly<Record<string, string>> = {
  querystring: 'query',
  params: 'path',
  headers: 'header',
}

const fieldErrors = (error: {
  readonly validation: readonly Issue[]
  readonly validationContext?: string
}): FieldError[] => {
  const place = PLACES[error.validationContext ?? 'body']
  return error.validation
    .flatMap(({ keyword, instancePath, message, params }): FieldError[] => {
      const path = [place ?? [], instancePath.split('/').filter((part) => part !== '')].flat()
      const { keys } = params
      // The keys of the caller's own making: cut, since one may be as long as the body.
      if (keyword === 'unrecognized_keys' && Array.isArray(keys)) {
        return keys.map((key) => ({
          path: [...path, String(key)].join('.').slice(0, LONGEST_MESSAGE),
          message: 'is not a known field',
        }))
      }
      return [{ path: path.join('.').slice(0, LONGEST_MESSAGE), message: sentence(message) }]
    })
    .slice(0, MOST_ERRORS)
}

const sentence = (message = 'is not valid'): string => message.slice(0, LONGEST_MESSAGE)

const frameworkError = (thrown: unknown): { code: string; statusCode: number } => {
  const { code, statusCode } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    code?: unknown
    statusCode?: unknown
  }
  return {
    code: typeof code === 'string' ? code : '',
    statusCode: typeof statusCode === 'number' ? statusCode : 500,
  }
}
