import { createHash } from 'node:crypto'
import { TextDecoder } from 'node:util'
import { writeExportLine, type EndLine, type ExportLine } from './lines.js'
import type { Problems } from './problems.js'

// Far above what a row can have: 1 MiB of JSON in an item, before and after.
const MAX_LINE_BYTES = 16 * 1_048_576
const LINE_END = 0x0a

/**
 * The lines of an export, and in `problems` what is wrong with its form: a line that is not exactly as it is written, an end
 * that is missing, a digest that differs though nothing else was found. Throws where it is no export at all.
 */
export const readExport = async function* (
  chunks: AsyncIterable<Uint8Array>,
  problems: Problems,
): AsyncGenerator<ExportLine> {
  const digest = createHash('sha256')
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let count = 0
  let end: EndLine | undefined
  for await (const bytes of splitLines(chunks)) {
    if (end !== undefined) {
      problems.add('Something stands after the last line of the export.')
      return
    }
    const line = parseLine(decoder, bytes)
    if (count === 0 && decoder.decode(bytes) !== FIRST) throw new Error(NO_EXPORT)
    if (line === undefined) {
      problems.add(`Line ${(count + 1).toString()} is not as it was written.`)
    } else if ('end' in line) {
      end = line.end
      continue
    } else yield line
    digest.update(bytes).update('\n')
    count += 1
  }
  if (count === 0) throw new Error(NO_EXPORT)
  if (end === undefined) problems.add('The export is cut off: its last line is missing.')
  else if ((end.lines !== count || end.sha256 !== digest.digest('hex')) && !problems.any()) {
    problems.add('The export was changed after it was written: its digest differs.')
  }
}

const FIRST = writeExportLine({ uzima: 'evidence', version: 1 })
const NO_EXPORT = 'The file is no export of evidence. uzima audit export FILE makes one.'

const parseLine = (decoder: TextDecoder, bytes: Uint8Array): ExportLine | undefined => {
  try {
    const text = decoder.decode(bytes)
    const line = JSON.parse(text) as ExportLine
    return writeExportLine(line) === text ? line : undefined
  } catch {
    // Nothing that we wrote cannot be read; the caller names the line.
    return undefined
  }
}

const splitLines = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array()
  for await (const chunk of chunks) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END)) {
      yield bytes.subarray(0, at)
      bytes = bytes.subarray(at + 1)
    }
    if (bytes.length > MAX_LINE_BYTES) throw new Error(NO_EXPORT)
    rest = bytes
  }
  if (rest.length > 0) yield rest
}
