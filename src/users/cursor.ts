import { AppError } from '../errors/app-error.js'

/** Wraps the place where the next page begins. */
export const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url')

/** Unwraps it; throws `VALIDATION_FAILED` for what no answer of ours held. */
export const decodeCursor = (cursor: string): string => {
  const key = Buffer.from(cursor, 'base64url').toString()
  if (key === '' || key.includes('\0') || encodeCursor(key) !== cursor) {
    throw new AppError('VALIDATION_FAILED', {
      detail: 'cursor: is not one of ours. Use nextCursor of the page before.',
    })
  }
  return key
}
