/** Runs `npm run docs` and fails when that changed a document: then the new files are to be committed. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENT_README } from './docs/client-reference.js'

const main = (): void => {
  const before = readDocs()
  execFileSync('npm', ['run', '--silent', 'docs'], { stdio: 'inherit' })
  const after = readDocs()

  const files = new Set([...before.keys(), ...after.keys()])
  const stale = [...files].filter((file) => before.get(file) !== after.get(file)).sort()
  for (const file of stale) {
    console.error(`${file} was out of date; it is generated anew, commit it.`)
  }
  if (stale.length > 0) process.exitCode = 1
}

const readDocs = (): Map<string, string> => {
  const entries = readdirSync('docs', { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map([...paths, CLIENT_README].map((path) => [path, readFileSync(path, 'latin1')]))
}

main()
