import type { AttemptsPage, AttemptsQuery, ConnectionAttempt } from '@uzima/contracts'
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
  const { limit } = query
  const after = query.cursor === undefined ? undefined : decodeCursor(LIST, query.cursor, KEY)
  const conditions: string[] = []
  const params: (string | number)[] = []
  const where = (condition: (parameter: string) => string, value: string | number): void => {
    params.push(value)
    conditions.push(condition(`$${params.length.toString()}`))
  }
  if (query.userId !== undefined) where((p) => `user_id = ${p}`, query.userId)
  if (query.outcome !== undefined) where((p) => `outcome = ${p}`, query.outcome)
  if (query.since !== undefined) where((p) => `at >= ${p}::timestamptz`, query.since)
  if (after !== undefined) {
    params.push(...after)
    const [at, id] = [params.length - 1, params.length]
    conditions.push(`(at, id) < ($${at.toString()}::timestamptz, $${id.toString()}::bigint)`)
  }
  params.push(limit + 1)

  const rows = await database.query<AttemptRow>(
    `select at, outcome, code, user_id as "userId", ip, user_agent as "userAgent", origin, transport, node,
       socket_id as "socketId", count, id,
       to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "exactAt"
     from connection_log
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by connection_log.at desc, id desc
     limit $${params.length.toString()}`,
    params,
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
const KEY = z.tuple([z.iso.datetime(), z.int().min(1)])
