import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A Markdown file that people read. */
export interface Document {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
}

const repository = fileURLToPath(new URL('..', import.meta.url))

export const readRepositoryFile = (path: string): Promise<string> =>
  readFile(join(repository, path), 'utf8')

export const isInRepository = (path: string): boolean => existsSync(join(repository, path))

/** Every document, but the seed, which is not ours to change. */
export const readDocuments = async (): Promise<Document[]> => {
  const below = async (folder: string): Promise<string[]> =>
    (await readdir(join(repository, folder), { recursive: true }))
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => join(folder, name))
  const paths = [
    ...['README.md', 'PROTOCOL.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'packages/client/README.md'],
    ...(await below('docs')),
    ...(await below('examples')),
  ].filter((path) => path !== 'docs/seed.md')
  return Promise.all(paths.map(async (path) => ({ path, text: await readRepositoryFile(path) })))
}

/** The code fences of a language in a document. */
export const fencesOf = ({ text }: Document, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, code = '']) => code,
  )

/** The cells of each row of the table whose first heading is `heading`, without that of the headings. */
export const tableOf = (text: string, heading: string): string[][] => {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} `))
  if (start === -1) throw new Error(`There is no table that begins with "${heading}".`)
  const rows = lines.slice(start + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end === -1 ? undefined : end).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
}

/** Targets of the links of a document that lead to files, from the root of the repository. */
export const linkedFilesOf = ({ path, text }: Document): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^\w+:/.test(target))
    .map((target) => join(dirname(path), target))

const PATH = /`((?:src|packages|test|e2e|scripts|benchmarks|migrations|docs|examples)\/[\w./-]*)`/g

/** The files and folders of the repository that a text names, from its root; a module by the name that imports have for it. */
export const filesNamedIn = (text: string): string[] =>
  [...text.matchAll(PATH)].map(([, path = '']) => path.replace(/^(src\/.+)\.js$/, '$1.ts'))

/** Whether a file of tests has one of this name. */
export const hasTest = async (path: string, name: string): Promise<boolean> =>
  isInRepository(path) && (await readRepositoryFile(path)).includes(name.replaceAll("'", "\\'"))
