import { once } from 'node:events'
import { printableLine } from '../observability/printable.js'

/** Every command but those that only run or print a script takes `--json`. */
export interface JsonFlag {
  readonly json?: true
}

/** Says one thing: `data` as one JSON document, or `text` for people. */
export const say = ({ json }: JsonFlag, data: unknown, text: string): void => {
  console.log(json === true ? JSON.stringify(data) : text)
}

/** A line for people that is no result, on standard error; nothing where programs read. */
export const remark = ({ json }: JsonFlag, text: string): void => {
  if (json !== true) process.stderr.write(`${printableLine(text)}\n`)
}

/** Columns that stand below each other. Cells may be anybody's text: nothing in them acts on a terminal. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const lines = [heads, ...rows].map((row) => row.map(printableLine))
  const widths = heads.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)))
  return lines
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Writes a line of a long answer, and waits where the reader is slower than we are. */
export const writeLine = (line: string): Promise<void> => writeText(`${line}\n`)

/** The same without an end of the line. */
export const writeText = async (text: string | Uint8Array): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}
