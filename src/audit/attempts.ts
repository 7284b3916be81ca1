import {
  momentSchema,
  type AttemptsPage,
  type AttemptsQuery,
  type ConnectionAttempt,
} from '@uzima/contracts'
import { z } from 'zod'
import type { Queryable } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'

/**
 * A page of the connection log, newest first. Throws `VALIDATION_FAILED` for a cursor that no page has given. A row that
 * is written late (after an outage of the database) takes its place by the time of the attempt.
 */
export const listAttempts = async (
  database: Queryable,
  query: AttemptsQuery,
): Promise<AttemptsPage> => {
  const { limit, cursor, userId = null, outcome = null, since = null, until = null } = query
  const [at, id] = cursor === undefined ? [null, null] : decodeCursor(LIST, cursor, KEY)
  const rows = await database.query<AttemptRow>(
    `select at, outcome, code, user_id as "userId", ip, user_agent as "userAgent", origin, transport, node,
       socket_id as "socketId", count, id,
       to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "exactAt"
     from connection_log
     where ($1::text is null or user_id = $1)
       and ($2::text is null or outcome = $2)
       and ($3::timestamptz is null or at >= $3)
       and ($4::timestamptz is null or at < $4)
       and ($5::timestamptz is null or (at, id) < ($5, $6::bigint))
     order by connection_log.at desc, id desc
     limit $7`,
    [userId, outcome, since, until, at, id, limit + 1],
  )
  const { page, nextCursor } = cutPage(rows, limit, (last) =>
    encodeCursor(LIST, [last.exactAt, last.id]),
  )
  return {
    attempts: page.map(({ id: _id, exactAt: _exactAt, at, ...attempt }) => ({
      at: at.toISOString(),
      ...attempt,
    })),
    nextCursor,
  }
}

type AttemptRow = Omit<ConnectionAttempt, 'at'> & { at: Date; id: number; exactAt: string }

const LIST = 'attempts'
const KEY = z.tuple([momentSchema, z.int().min(1)])
