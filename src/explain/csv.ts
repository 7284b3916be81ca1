/** What Excel needs to read a file as UTF-8. */
export const BYTE_ORDER_MARK = '\ufeff'

/** One line as RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export const csvLine = (cells: readonly unknown[]): string => cells.map(csvCell).join(',')

const csvCell = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return value.toString()
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[\s']*[=+\-@]|^[\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
