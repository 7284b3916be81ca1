import { createHash } from 'node:crypto'
import { seenRowSchema, viewerRowSchema, type SeenQuery, type ViewersQuery } from '@uzima/contracts'
import type { Database } from '../storage/database.js'
import { BYTE_ORDER_MARK, csvLine } from './csv.js'
import type { Between } from './entries.js'
import { seenBy } from './seen.js'
import { viewersOf } from './viewers.js'
import { findPerson } from './who.js'

/** A long answer as it is made, and what its bytes add up to once it is whole. */
export interface AuditDocument {
  readonly contentType: string
  /** Pieces of some 64 kB of UTF-8. */
  readonly pieces: AsyncIterable<Buffer>
  /** SHA-256 of all pieces; to be asked when they have been taken. */
  readonly digest: () => Buffer
}

/** What `GET /api/audit/seen` answers. Throws `USER_NOT_FOUND` where there is no record of the user. */
export const seenDocument = async (
  database: Database,
  query: SeenQuery,
): Promise<AuditDocument> => {
  const person = await findPerson(database, query)
  const { from, to, format } = query
  return documentOf(
    format,
    { userId: person.id, username: person.username, from, to },
    Object.keys(seenRowSchema.shape),
    seenBy(database, person.id, betweenOf(query)),
  )
}

/** What `GET /api/audit/viewers` answers. An item of which nothing is on record has those who might have read it. */
export const viewersDocument = (database: Database, query: ViewersQuery): AuditDocument => {
  const { sku, from, to, format } = query
  return documentOf(
    format,
    { sku, from, to },
    Object.keys(viewerRowSchema.shape),
    viewersOf(database, { ...betweenOf(query), sku }),
  )
}

const betweenOf = ({ from, to }: { readonly from: string; readonly to: string }): Between => ({
  from: new Date(from),
  to: new Date(to),
})

const PIECE = 65_536

const documentOf = (
  format: 'csv' | 'json',
  asked: object,
  columns: readonly string[],
  rows: AsyncIterable<object>,
): AuditDocument => {
  const hash = createHash('sha256')
  const lines = format === 'csv' ? csvOf(columns, rows) : jsonOf(asked, rows)
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for await (const text of gathered(lines)) {
      const piece = Buffer.from(text)
      hash.update(piece)
      yield piece
    }
  }
  return {
    contentType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    pieces: pieces(),
    digest: () => hash.copy().digest(),
  }
}

const gathered = async function* (lines: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  for await (const line of lines) {
    text += line
    if (text.length < PIECE) continue
    yield text
    text = ''
  }
  yield text
}

const csvOf = async function* (
  columns: readonly string[],
  rows: AsyncIterable<object>,
): AsyncGenerator<string> {
  yield `${BYTE_ORDER_MARK}${csvLine(columns)}\r\n`
  for await (const row of rows) {
    const cells = new Map<string, unknown>(Object.entries(row))
    yield `${csvLine(columns.map((column) => listed(cells.get(column))))}\r\n`
  }
}

const listed = (value: unknown): unknown => (Array.isArray(value) ? value.join(' ') : value)

/** One document, a row a line. */
const jsonOf = async function* (
  asked: object,
  rows: AsyncIterable<object>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(asked).slice(0, -1)},"rows":[`
  let separator = '\n'
  for await (const row of rows) {
    yield `${separator}${JSON.stringify(row)}`
    separator = ',\n'
  }
  yield '\n]}\n'
}
