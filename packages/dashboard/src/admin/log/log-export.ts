import type { RestClient } from '@uzima/client'
import type { ConnectionAttempt } from '@uzima/contracts'
import { BYTE_ORDER_MARK, csvLine, type CsvOptions } from '../csv/write-csv.js'
import type { LogRequest } from './log-filters.js'

const COLUMNS = [
  'at',
  'outcome',
  'code',
  'userId',
  'ip',
  'userAgent',
  'origin',
  'transport',
  'node',
  'socketId',
  'count',
] as const satisfies readonly (keyof ConnectionAttempt)[]

/** The most that the server gives at a time. */
const PAGE = 1_000

export interface ExportOptions extends CsvOptions {
  readonly request: LogRequest
  /** Name of a user by id, as known now; the id stands beside it, because names change. */
  readonly nameOf: (userId: string) => string | undefined
  readonly onProgress: (rows: number) => void
  /** Ends it between two pages; the promise then rejects with its reason. */
  readonly signal: AbortSignal
}

/**
 * Reads all of the log that the filters leave, page by page, and resolves to the parts of a file. The pages go on where
 * the last one ended, so that what is written meanwhile moves nothing.
 */
export const exportLog = async (
  readPage: RestClient['connectionAttempts'],
  { request, nameOf, onProgress, signal, ...options }: ExportOptions,
): Promise<readonly string[]> => {
  const parts = [BYTE_ORDER_MARK + csvLine([...COLUMNS, 'username'], options)]
  let rows = 0
  let cursor: string | null | undefined
  do {
    signal.throwIfAborted()
    const page = await readPage({ ...request, limit: PAGE, ...(cursor ? { cursor } : {}) })
    parts.push(
      page.attempts
        .map((attempt) => {
          const name = attempt.userId === null ? undefined : nameOf(attempt.userId)
          return csvLine([...COLUMNS.map((column) => attempt[column]), name ?? null], options)
        })
        .join(''),
    )
    rows += page.attempts.length
    onProgress(rows)
    cursor = page.nextCursor
  } while (cursor !== null)
  return parts
}
