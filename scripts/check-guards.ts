/**
 * Shows that the lines which hold up the guarantees are tested: copies the tree, deletes one line at a time and runs the
 * test that must turn red. `npm run test:guards`, some minutes; `-- fence` for those whose guarantee has the word in it.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GUARDS, type Guard } from './guards/lines.js'

const main = (): void => {
  const [word = ''] = process.argv.slice(2)
  const tree = copyTree()
  try {
    const wanted = GUARDS.filter(({ guarantee }) => guarantee.includes(word))
    const unguarded = wanted.filter((guard) => !turnsRed(guard, tree))
    for (const { guarantee } of unguarded) console.error(`NO TEST turns red without: ${guarantee}`)
    console.log(
      `${String(wanted.length - unguarded.length)} passed, ${String(unguarded.length)} failed`,
    )
    process.exitCode = unguarded.length === 0 ? 0 : 1
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

const copyTree = (): string => {
  const tree = mkdtempSync(join(tmpdir(), 'uzima-guards-'))
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0')
  for (const file of files.filter((name) => name !== '')) cpSync(file, join(tree, file))
  for (const shared of ['node_modules', '.cache']) {
    symlinkSync(join(process.cwd(), shared), join(tree, shared))
  }
  return tree
}

const turnsRed = ({ guarantee, file, line, instead = '', test }: Guard, tree: string): boolean => {
  const path = join(tree, file)
  const whole = readFileSync(path, 'utf8')
  if (whole.split(line).length !== 2) throw new Error(`${file} does not hold once: ${line}`)
  writeFileSync(
    path,
    whole.replace(line, () => instead),
  )
  try {
    const red = failuresOf(test, tree)
    console.log(`${red.length > 0 ? 'red' : 'GREEN'}: ${guarantee}\n  ${file}: ${line.trim()}`)
    for (const name of red) console.log(`  ${test[1]}: ${name}`)
    return red.length > 0
  } finally {
    writeFileSync(path, whole)
  }
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** The tests of the file that fail; empty, too, where it does not run at all. */
const failuresOf = ([project, file]: Guard['test'], tree: string): string[] => {
  const report = join(tree, 'report.json')
  rmSync(report, { force: true })
  const args = ['run', '--project', project, '--reporter=json', `--outputFile=${report}`, file]
  spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], { cwd: tree })
  // Written by vitest, in this shape since version 1.
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName)
}

main()
