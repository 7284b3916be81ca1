/**
 * Checks every file of the tree: sources outside tests have at most 300 lines, nothing names a folder of somebody's machine
 * or the address of a package registry, and each folder of `src` says in at most ten lines what it holds.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { homedir } from 'node:os'

const MAX_LINES = 300
const MAX_README_LINES = 10
const SOURCE = /\.(?:ts|tsx|sql)$/
const TEST = /(?:^|\/)(?:test|e2e)\/|\.test\.tsx?$/

/** Written so that no pattern matches its own text. */
const FORBIDDEN: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a folder of one machine', pattern: /(?<![\w./-])\/(?:root|home|Users|work)\/[\w.-]+/ },
  { what: 'a temporary folder of one machine', pattern: /(?<![\w./-])\/tmp\/[\w.-]+/ },
  { what: 'a package registry', pattern: /\bregistry\.[a-z]+js\.org|"resolved":\s"http/ },
  { what: 'a package registry', pattern: /https?:\/\/[\w.-]*(?:artifactory|verdaccio|nexus)\b/i },
]

const ownFolders = [process.cwd(), homedir()].filter((folder) => folder.length > '/root'.length)

const main = (): void => {
  const problems = [...treeFiles().flatMap(inspect), ...foldersOf('src').flatMap(unexplained)]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}

const treeFiles = (): string[] => {
  const list = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    encoding: 'utf8',
  })
  return list.split('\0').filter((file) => file !== '')
}

const inspect = (file: string): string[] => {
  const text = readText(file)
  if (text === undefined) return []
  const lines = text.split('\n')
  const found = lines.flatMap((line, index) =>
    violations(line).map((what) => `${file}:${index + 1}: names ${what}`),
  )
  const length = lines.length - 1
  if (SOURCE.test(file) && !TEST.test(file) && length > MAX_LINES) {
    found.push(`${file}: ${length} lines, more than ${MAX_LINES}; split it by reason to change`)
  }
  return found
}

const violations = (line: string): string[] => {
  const found = FORBIDDEN.filter(({ pattern }) => pattern.test(line)).map(({ what }) => what)
  if (ownFolders.some((folder) => line.includes(folder))) found.push('a folder of this machine')
  return [...new Set(found)]
}

const foldersOf = (parent: string): string[] =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(parent, name))

const unexplained = (folder: string): string[] => {
  const length = readText(join(folder, 'README.md'))?.trimEnd().split('\n').length ?? 0
  return length > 0 && length <= MAX_README_LINES
    ? []
    : [`${folder}/README.md: ${length} lines, not 1 to ${MAX_README_LINES}`]
}

/** The text of a file, or undefined where it is binary, or was deleted but not yet committed. */
const readText = (file: string): string | undefined => {
  try {
    const bytes = readFileSync(file)
    return bytes.includes(0) ? undefined : bytes.toString('utf8')
  } catch {
    return undefined
  }
}

main()
