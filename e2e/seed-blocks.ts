import { readFile } from 'node:fs/promises'

/** The two code blocks of docs/seed.md, as they stand there. */
export interface SeedBlocks {
  /** "Connecting from Client". */
  readonly client: string
  /** "Broadcasting Messages". */
  readonly broadcasting: string
}

const seedUrl = new URL('../docs/seed.md', import.meta.url)

/** The text of the document that the project started from. */
export const readSeed = (): Promise<string> => readFile(seedUrl, 'utf8')

export const readSeedBlocks = async (): Promise<SeedBlocks> => {
  const blocks = [...(await readSeed()).matchAll(/```javascript\n(.*?)```/gs)]
  const [client, broadcasting, ...others] = blocks.map(([, code]) => code)
  if (client === undefined || broadcasting === undefined || others.length > 0) {
    throw new Error(`docs/seed.md has ${String(blocks.length)} JavaScript blocks instead of two.`)
  }
  return { client, broadcasting }
}

/** Replaces `text` in `code`, which must be there exactly once. */
export const replaceOnce = (code: string, text: string, replacement: string): string => {
  const parts = code.split(text)
  if (parts.length !== 2) throw new Error(`${text} is there ${String(parts.length - 1)} times.`)
  return parts.join(replacement)
}
