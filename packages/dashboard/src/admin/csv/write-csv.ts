export type CsvCell = string | number | null

export interface CsvOptions {
  /** `;` where a comma stands in numbers: Excel splits by the separator of the language only. Default `,`. */
  readonly separator?: ',' | ';'
}

/** Makes one line of a file, with its end (RFC 4180). Texts that a sheet would run as a formula get an apostrophe. */
export const csvLine = (cells: readonly CsvCell[], { separator = ',' }: CsvOptions = {}): string =>
  `${cells.map((cell) => field(cell, separator)).join(separator)}\r\n`

/** Begins each file: without it Excel takes UTF-8 for the code page of the machine. */
export const BYTE_ORDER_MARK = '\ufeff'

const field = (cell: CsvCell, separator: string): string => {
  if (cell === null) return ''
  if (typeof cell === 'number') return cell.toString()
  const text = guarded(cell)
  return text.includes(separator) || NEEDS_QUOTES.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text
}

// White space at an end is cut off by many who read.
const NEEDS_QUOTES = /["\r\n]|^\s|\s$/

/** What a sheet takes for a formula begins so; one that has an apostrophe already gets another, so that both come back. */
const FORMULA = /^'*[=+\-@\t\r]/

const guarded = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)

/** The text that `csvLine` was given. */
export const unguarded = (text: string): string =>
  text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text
