import type { Item } from '@uzima/contracts'
import { readCsv, UnclosedQuote, type CsvRow } from '../csv/read-csv.js'
import { BYTE_ORDER_MARK, csvLine, type CsvOptions } from '../csv/write-csv.js'
import {
  FIELDS,
  readValue,
  type Field,
  type FieldChange,
  type ItemChange,
  type ValueProblem,
} from './fields.js'

/**
 * The names of the columns are those of the interface, in every language: a file that was saved in French opens in
 * English. `usable` is there to decide by, and is not read back.
 */
export const settingsFile = (items: readonly Item[], options?: CsvOptions): string =>
  [
    BYTE_ORDER_MARK,
    csvLine(['sku', ...FIELDS, 'usable'], options),
    ...items.map((item) =>
      csvLine([item.sku, ...FIELDS.map((field) => item[field]), item.usableQuantity], options),
    ),
  ].join('')

/** What is wrong with a row; `value` is what stands there. */
export type RowRefusal = {
  readonly line: number
  readonly sku: string
} & (
  | { readonly problem: 'no_code' | 'unknown_item' }
  | { readonly problem: 'twice'; readonly firstLine: number }
  | { readonly problem: ValueProblem; readonly field: Field; readonly value: string }
)

/** What a file would do. */
export interface SettingsDiff {
  readonly changes: readonly ItemChange[]
  readonly refused: readonly RowRefusal[]
  /** Rows that say what is there already. */
  readonly unchanged: number
}

/** Why a file cannot be read at all. */
export type FileProblem =
  | { readonly problem: 'empty' | 'no_code_column' | 'no_known_column' }
  | { readonly problem: 'unclosed_quote'; readonly line: number }

/** Compares a file with the stock. An empty cell, and a column that is not there, leave what is. */
export const readSettingsFile = (
  text: string,
  find: (sku: string) => Item | undefined,
): SettingsDiff | FileProblem => {
  const rows = rowsOf(text)
  if ('problem' in rows) return rows
  const [header, ...body] = rows
  if (header === undefined || body.length === 0) return { problem: 'empty' }
  const names = header.cells.map((cell) => cell.trim().toLowerCase())
  const codeAt = names.indexOf('sku')
  if (codeAt === -1) return { problem: 'no_code_column' }
  const columns = FIELDS.flatMap((field) => {
    const at = names.indexOf(field)
    return at === -1 ? [] : [{ field, at }]
  })
  if (columns.length === 0) return { problem: 'no_known_column' }

  const changes: ItemChange[] = []
  const refused: RowRefusal[] = []
  const seen = new Map<string, number>()
  let unchanged = 0
  for (const { line, cells } of body) {
    const sku = cells[codeAt]?.trim() ?? ''
    const row = readRow({ line, sku, cells }, { columns, item: find(sku), seen: seen.get(sku) })
    seen.set(sku, seen.get(sku) ?? line)
    if ('problem' in row) refused.push(row)
    else if (row.fields.length === 0) unchanged += 1
    else changes.push(row)
  }
  return { changes, refused, unchanged }
}

const rowsOf = (text: string): readonly CsvRow[] | FileProblem => {
  try {
    return readCsv(text)
  } catch (thrown) {
    if (thrown instanceof UnclosedQuote) return { problem: 'unclosed_quote', line: thrown.line }
    throw thrown
  }
}

const readRow = (
  { line, sku, cells }: CsvRow & { readonly sku: string },
  known: {
    readonly columns: readonly { readonly field: Field; readonly at: number }[]
    readonly item: Item | undefined
    readonly seen: number | undefined
  },
): ItemChange | RowRefusal => {
  const { item, seen } = known
  if (sku === '') return { line, sku, problem: 'no_code' }
  if (seen !== undefined) return { line, sku, problem: 'twice', firstLine: seen }
  if (item === undefined) return { line, sku, problem: 'unknown_item' }
  const fields: FieldChange[] = []
  for (const { field, at } of known.columns) {
    const text = cells[at] ?? ''
    if (text.trim() === '') continue
    const read = readValue(field, text)
    if ('problem' in read) return { line, sku, problem: read.problem, field, value: text }
    if (read.value !== item[field]) fields.push({ field, before: item[field], after: read.value })
  }
  return { sku, name: item.name, line, fields }
}
