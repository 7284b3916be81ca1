import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A section of a document, as whoever follows it reads it. */
export interface Section {
  /** The text, which must be there; what a reader puts in its own place is replaced after that. */
  readonly shows: (text: string, own?: Readonly<Record<string, string>>) => string
}

/** The section below a heading, up to the next heading as high; throws where there is none. */
export const readSection = async (
  root: string,
  path: string,
  heading: string,
): Promise<Section> => {
  const text = await readFile(join(root, path), 'utf8')
  const start = new RegExp(`^(#+) ${heading}$`, 'm').exec(text)
  if (start === null) throw new Error(`${path} has no heading "${heading}".`)
  const [line, marks = ''] = start
  const rest = text.slice(start.index + line.length)
  const [section = ''] = rest.split(new RegExp(`^#{1,${String(marks.length)}} `, 'm'))
  return {
    shows: (shown, own = {}) => {
      if (!section.includes(shown)) {
        throw new Error(`${path}, "${heading}", does not show: ${shown}`)
      }
      let line = shown
      for (const [from, to] of Object.entries(own)) {
        if (!line.includes(from)) throw new Error(`"${shown}" has no ${from}.`)
        line = line.replaceAll(from, to)
      }
      return line
    },
  }
}
