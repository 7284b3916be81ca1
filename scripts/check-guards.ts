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
    const [project, testFile] = test
    const run = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--project', project, testFile],
      {
        cwd: tree,
        encoding: 'utf8',
      },
    )
    const red = [...run.stdout.matchAll(/FAIL.*? > (.*)/g)].map(([, name]) => plain(name ?? ''))
    // A run that fails without a failed test has not started.
    const isRed = run.status !== 0 && red.length > 0
    console.log(`${isRed ? 'red' : 'GREEN'}: ${guarantee}\n  ${file}: ${line.trim()}`)
    for (const name of new Set(red)) console.log(`  ${testFile}: ${name}`)
    return isRed
  } finally {
    writeFileSync(path, whole)
  }
}

/** Without the colours of a terminal. */
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '')

main()
