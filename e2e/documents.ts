import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
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

/** Every document, but the seed, which is not ours to change, and what a dependency or a run has brought. */
export const readDocuments = async (): Promise<Document[]> => {
  const list = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard', '*.md'], {
    cwd: repository,
    encoding: 'utf8',
  })
  const paths = list
    .split('\0')
    .filter((path) => path !== '' && path !== 'docs/seed.md' && isInRepository(path))
  return Promise.all(paths.map(async (path) => ({ path, text: await readRepositoryFile(path) })))
}

/** A block of code in a document. */
export interface Fence {
  /** As written behind the ticks; empty where nothing is. */
  readonly language: string
  readonly code: string
}

export const allFencesOf = ({ text }: Document): Fence[] =>
  [...text.matchAll(/^( *)```([^\n`]*)\n(.*?)^\1```$/gms)].map(
    ([, , language = '', code = '']) => ({
      language,
      code,
    }),
  )

/** The code fences of a language in a document. */
export const fencesOf = (document: Document, language: string): string[] =>
  allFencesOf(document)
    .filter((fence) => fence.language === language)
    .map(({ code }) => code)

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

/** Where a link inside the repository leads. */
interface Link {
  /** From the root of the repository. */
  readonly file: string
  /** Of the heading; empty where the link is to the whole file. */
  readonly anchor: string
}

/** The links of a document that stay in the repository. */
export const linksOf = ({ path, text }: Document): Link[] =>
  [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^\w+:/.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#')
      return { file: file === '' ? path : join(dirname(path), file), anchor }
    })

/** The anchors that the headings of a document have, as GitHub makes them. */
export const anchorsOf = ({ text }: Document): Set<string> => {
  const counts = new Map<string, number>()
  const headings = [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)]
  return new Set(
    headings.map(([, heading = '']) => {
      const slug = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-')
      const count = counts.get(slug) ?? 0
      counts.set(slug, count + 1)
      return count === 0 ? slug : `${slug}-${String(count)}`
    }),
  )
}

const withoutFences = (text: string): string => text.replaceAll(/^( *)```.*?^\1```$/gms, '')

const PATH = /`((?:src|packages|test|e2e|scripts|benchmarks|migrations|docs|examples)\/[\w./-]*)`/g

/** The files and folders of the repository that a text names, from its root; a module by the name that imports have for it. */
export const filesNamedIn = (text: string): string[] =>
  [...text.matchAll(PATH)].map(([, path = '']) => path.replace(/^(src\/.+)\.js$/, '$1.ts'))

/** Whether a file of tests has one of this name. */
export const hasTest = async (path: string, name: string): Promise<boolean> =>
  isInRepository(path) && (await readRepositoryFile(path)).includes(name.replaceAll("'", "\\'"))
