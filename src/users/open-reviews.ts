import type { Queryable } from '../storage/database.js'

/** How many reviews of roles that were taken in an emergency nobody has closed yet, those in force among them. */
export const countOpenReviews = async (
  database: Pick<Queryable, 'query'>,
  options?: { readonly answerWithinMs: number },
): Promise<number> => {
  const [row] = await database.query<{ open: number }>(
    'select count(*)::integer as open from break_glass where is_open',
    [],
    options,
  )
  return row?.open ?? 0
}
