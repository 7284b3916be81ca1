import { AppError } from '../errors/app-error.js'

/** Where the next page begins, as text that a caller passes back unread: `kind` and the key of the page's last row. */
export const encodeCursor = (kind: string, key: string): string =>
  Buffer.from(`${kind}:${key}`).toString('base64url')

/** The key in a cursor of this kind; throws `VALIDATION_FAILED` for one that we did not make. */
export const decodeCursor = (kind: string, cursor: string, pattern: RegExp): string => {
  const text = Buffer.from(cursor, 'base64url').toString()
  const key = text.slice(kind.length + 1)
  if (encodeCursor(kind, key) !== cursor || !pattern.test(key)) {
    throw new AppError('VALIDATION_FAILED', {
      detail: 'cursor is not one of this list. Pass nextCursor of the page before, or none.',
    })
  }
  return key
}
