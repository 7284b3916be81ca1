import { format, resolveConfig } from 'prettier'

const END = '<!-- to here -->'

/**
 * Puts `text` between the mark `begin` of the document and the next end of such a part, and leaves the rest as it is; formatted as
 * the file at `path` has to be.
 *
 * @throws where the document has no such marks
 */
export const intoMarks = (
  path: string,
  document: string,
  begin: string,
  text: string,
): Promise<string> => {
  const mark = `<!-- ${begin} -->`
  const from = document.indexOf(mark)
  const to = document.indexOf(END, from)
  if (from < 0 || to < 0) throw new Error(`${path} has lost the marks around '${begin}'.`)
  return formatted(path, `${document.slice(0, from)}${mark}\n\n${text}\n${document.slice(to)}`)
}

/** What `intoMarks` has put there; empty where the document has no such marks. */
export const fromMarks = (document: string, begin: string): string => {
  const mark = `<!-- ${begin} -->`
  const from = document.indexOf(mark)
  return from < 0 ? '' : document.slice(from + mark.length, document.indexOf(END, from)).trim()
}

/** The text as the house formats the file at `path`. */
export const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path })

/** A table in Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
