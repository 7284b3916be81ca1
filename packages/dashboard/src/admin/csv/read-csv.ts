import { unguarded } from './write-csv.js'

export interface CsvRow {
  /** Number of the line in the file on which the row begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** A file that ends inside of a quoted cell: what follows its quote cannot be told from text. */
export class UnclosedQuote extends Error {
  override readonly name = 'UnclosedQuote'
  readonly line: number

  constructor(line: number) {
    super(`The quote on line ${line.toString()} is not closed`)
    this.line = line
  }
}

/**
 * Reads the rows of a text that a sheet has saved: separated by comma, semicolon or tab, whichever the first line has;
 * quoted as in RFC 4180, also over several lines; rows without any text are left out. Throws `UnclosedQuote`.
 */
export const readCsv = (text: string): readonly CsvRow[] => {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text
  const separator = separatorOf(body)
  const rows: CsvRow[] = []
  let cells: string[] = []
  let [at, line, firstLine] = [0, 1, 1]

  const endRow = (): void => {
    if (cells.some((cell) => cell.trim() !== '')) rows.push({ line: firstLine, cells })
    cells = []
  }

  while (at < body.length) {
    let cell = ''
    if (body[at] === '"') {
      const quotedAt = line
      const quoted = readQuoted(body, at + 1)
      if (quoted === undefined) throw new UnclosedQuote(quotedAt)
      cell = quoted.cell
      at = quoted.end
      line += countLines(cell)
    }
    // Of a cell in quotes, what stands between them and the separator belongs to it as well.
    const start = at
    while (at < body.length && body[at] !== separator && body[at] !== '\n' && body[at] !== '\r') {
      at += 1
    }
    cells.push(unguarded(cell + body.slice(start, at)))
    if (body[at] === separator) {
      at += 1
      // A separator at the very end has one more cell behind it.
      if (at === body.length) cells.push('')
      continue
    }
    at += body[at] === '\r' && body[at + 1] === '\n' ? 2 : 1
    line += 1
    endRow()
    firstLine = line
  }
  endRow()
  return rows
}

const readQuoted = (
  body: string,
  start: number,
): { readonly cell: string; readonly end: number } | undefined => {
  let end = body.indexOf('"', start)
  while (end !== -1 && body[end + 1] === '"') end = body.indexOf('"', end + 2)
  return end === -1
    ? undefined
    : { cell: body.slice(start, end).replaceAll('""', '"'), end: end + 1 }
}

const countLines = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0

const SEPARATORS = [',', ';', '\t'] as const

/** The separator that stands most often in the first line, outside of quotes. */
const separatorOf = (body: string): string => {
  const first = body.replace(/"(?:[^"]|"")*"/g, '').split(/[\r\n]/, 1)[0] ?? ''
  const count = (separator: string): number => first.split(separator).length
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best))
}

/**
 * Reads the bytes of a text file as what they are: UTF-8 or UTF-16 with a mark, UTF-8 without, or else the code page in
 * which Excel saves "CSV" in English and French (Windows-1252).
 */
export const decodeText = (bytes: Uint8Array): string => {
  const marked = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))
  if (marked !== undefined) return new TextDecoder(marked.encoding).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Bytes that are no UTF-8: every byte means something in the code page.
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

const MARKS = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
  { mark: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
] as const
