import { z } from 'zod'
import { AppError } from '../errors/app-error.js'

/**
 * Cuts a page out of the rows that were read, one more than `limit` where there are more, and says where the next one
 * begins: null on the last page. `cursorOf` makes the cursor of the page's last row.
 */
export const cutPage = <Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => string,
): { readonly page: Row[]; readonly nextCursor: string | null } => {
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return { page, nextCursor: last === undefined ? null : cursorOf(last) }
}

/** The key of a page's last row as text that a caller passes back unread; `list` keeps those of other lists out. */
export const encodeCursor = (list: string, key: unknown): string =>
  Buffer.from(JSON.stringify([list, key])).toString('base64url')

/** The key in a cursor of `list`; throws `VALIDATION_FAILED` for one that we cannot have made. */
export const decodeCursor = <Key>(list: string, cursor: string, keySchema: z.ZodType<Key>): Key => {
  const content = z.tuple([z.literal(list), keySchema]).safeParse(contentOf(cursor))
  if (!content.success) {
    throw new AppError('VALIDATION_FAILED', {
      detail: 'cursor is not one of this list. Pass nextCursor of the page before, or none.',
    })
  }
  return content.data[1]
}

const contentOf = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
