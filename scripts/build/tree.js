import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What is compiled file by file: `<folder>/src/**` to `<folder>/dist/**`. */
const COMPILED = ['.', 'packages/contracts', 'packages/demo']
const BUNDLED = ['packages/client', 'packages/dashboard']
const SOURCES = ['src', 'public']
const SOURCE_FILE = /^(?:package|package-lock|tsconfig.*)\.json$|\.html$|^vite\.config\.ts$/
const NOTES = '.tsbuildinfo'
const STAMP = 'stamp.json'

/**
 * Knows what a build is made from and what it makes. Both are compared by content, not by time: a checkout that is copied,
 * or switched to a branch and back, is not built again, and what `git pull` brings always is.
 */
export const createTree = (root) => {
  const folders = [...COMPILED, ...BUNDLED].map((folder) => join(root, folder))
  const stampPath = join(root, 'dist', STAMP)

  const inputs = () =>
    digest(
      folders.flatMap((folder) => [
        ...namesIn(folder)
          .filter((name) => SOURCE_FILE.test(name))
          .map((name) => join(folder, name)),
        ...SOURCES.flatMap((name) => filesBelow(join(folder, name))),
      ]),
    )

  const outputs = () =>
    digest(
      folders
        .flatMap((folder) => filesBelow(join(folder, 'dist')))
        .filter((file) => !file.endsWith(NOTES) && file !== stampPath),
    )

  const digest = (files) => {
    const hash = createHash('sha256')
    for (const file of files.sort()) {
      const bytes = readFileSync(file)
      hash.update(`${relative(root, file)}\0${bytes.length}\0`).update(bytes)
    }
    return hash.digest('hex')
  }

  const stamp = () => {
    try {
      return JSON.parse(readFileSync(stampPath, 'utf8'))
    } catch {
      return undefined
    }
  }

  return {
    inputs,
    /** Completes "Building, because ..."; undefined where what is built is what the sources say. */
    staleBecause: () => {
      // An image that holds the build alone has nothing to be older than.
      if (!existsSync(join(root, 'src')) && existsSync(join(root, 'dist/main.js'))) return undefined
      const built = stamp()
      if (built === undefined) return 'there is no finished build yet'
      if (built.inputs !== inputs()) return 'the sources have changed since the last one'
      return built.outputs === outputs() ? undefined : 'built files were changed or are missing'
    },
    /** Whether every source has its output, and none was changed behind the back of a finished build. */
    isWhole: () => {
      const built = stamp()
      if (built === undefined) return false
      if (built.inputs === inputs() && built.outputs !== outputs()) return false
      return COMPILED.every((folder) => {
        const made = new Set(stemsBelow(join(root, folder, 'dist'), '.js'))
        return stemsBelow(join(root, folder, 'src'), '.ts').every((stem) => made.has(stem))
      })
    },
    forgetNotes: () => {
      for (const folder of folders) {
        for (const out of ['dist', 'dist-types']) rmSync(join(folder, out, NOTES), { force: true })
      }
    },
    removeStamp: () => rmSync(stampPath, { force: true }),
    writeStamp: (before) =>
      writeFileSync(stampPath, `${JSON.stringify({ inputs: before, outputs: outputs() })}\n`),
    /** The compiler leaves the output of a source that is gone. */
    removeOrphans: () => {
      for (const folder of COMPILED) {
        const sources = new Set(stemsBelow(join(root, folder, 'src'), '.ts'))
        for (const end of ['.js', '.d.ts']) {
          const made = stemsBelow(join(root, folder, 'dist'), end)
          for (const stem of made) {
            if (!sources.has(stem)) rmSync(join(root, folder, 'dist', `${stem}${end}`))
          }
        }
      }
    },
  }
}

const namesIn = (folder) => (existsSync(folder) ? readdirSync(folder) : [])

const filesBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name)
        return entry.isDirectory() ? filesBelow(path) : [path]
      })
    : []

/** The paths from `folder`, without `end`, of the files whose names end so. */
const stemsBelow = (folder, end) =>
  filesBelow(folder)
    .filter((file) => file.endsWith(end))
    .map((file) => relative(folder, file).slice(0, -end.length))
