import type { Revocation, RevocationPage, RevocationQuery } from '@uzima/contracts'
import { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import type { Queryable } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'

/** The proof of one revocation. Throws `NOT_FOUND` where the number is not one's. */
export const getRevocation = async (database: Queryable, seq: number): Promise<Revocation> => {
  const [revocation] = await select(database, 'r.seq = $1', [seq], 1)
  if (revocation === undefined) {
    throw new AppError('NOT_FOUND', {
      detail: `Entry ${seq.toString()} of the log ended no right. GET /api/revocations lists those that did.`,
    })
  }
  return revocation
}

/** A page of revocations, newest first. Throws `VALIDATION_FAILED` for a cursor that no page has given. */
export const listRevocations = async (
  database: Queryable,
  query: RevocationQuery,
): Promise<RevocationPage> => {
  const before = query.cursor === undefined ? null : decodeCursor(LIST, query.cursor, SEQ)
  const rows = await select(
    database,
    '($1::text is null or r.user_id = $1) and ($2::bigint is null or r.seq < $2)',
    [query.userId ?? null, before],
    query.limit + 1,
  )
  const { page, nextCursor } = cutPage(rows, query.limit, ({ seq }) => encodeCursor(LIST, seq))
  return { revocations: page, nextCursor }
}

const LIST = 'revocations'
const SEQ = z.int().min(1)

const select = async (
  database: Queryable,
  condition: string,
  params: readonly (string | number | null)[],
  limit: number,
): Promise<Revocation[]> =>
  (
    await database.query<{ revocation: Revocation }>(
      `select jsonb_build_object(
          'seq', r.seq, 'userId', r.user_id, 'ended', r.ended, 'actor', r.actor,
          'committedAt', iso_time(r.committed_at),
          'nodes', coalesce((
            select jsonb_agg(jsonb_build_object(
                'node', node, 'state', state, 'acknowledgedAt', iso_time(acked_at),
                'appliedAfterMs', round(applied_after_ms::numeric, 1),
                'socketsClosed', sockets_closed, 'socketsMoved', sockets_moved)
              order by node)
            from revocation_nodes n where n.seq = r.seq), '[]')) as revocation
         from revocations r
        where ${condition}
        order by r.seq desc limit $${(params.length + 1).toString()}`,
      [...params, limit],
    )
  ).map(({ revocation }) => revocation)
