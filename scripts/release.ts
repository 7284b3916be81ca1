/**
 * `npm run release -- --version 1.2.3`: makes a version of the server and all packages, and publishes nothing.
 *
 * It refuses to, with every reason at once, where the tree is not clean, is not main, has nothing to tell in CHANGELOG.md,
 * where the packages do not have one version, or where `.ci/run` fails. Then it writes the version, packs into `release/`
 * with the SHA-256 of each file, commits, and tags. With `--dry-run` it says what it would do, and changes nothing; `.ci/run`
 * is left out then.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { refusalsOf } from './release/refusals.js'
import { createReleaseTree, type ReleaseTree } from './release/tree.js'

/** What is on offer; the page and the demo go with the server. */
const WORKSPACES = ['packages/contracts', 'packages/client']
const FOLDER = 'release'

const main = (): void => {
  const { values } = parseArgs({
    options: { version: { type: 'string', default: '' }, 'dry-run': { type: 'boolean' } },
  })
  const { version } = values
  const tree = createReleaseTree(fileURLToPath(new URL('..', import.meta.url)))
  const refusals = refusalsOf(tree, version)
  if (refusals.length > 0) {
    refuse(refusals)
    return
  }
  if (values['dry-run'] === true) {
    console.log(`Nothing stands against ${version} but .ci/run, which --dry-run leaves out.`)
    console.log(`Would write ${version}, pack into ${FOLDER}/, commit, and tag v${version}.`)
    return
  }
  if (spawnSync(join(tree.root, '.ci/run'), { cwd: tree.root, stdio: 'inherit' }).status !== 0) {
    refuse(['.ci/run failed; what it says last has to be mended first.'])
    return
  }
  release(tree, version)
}

const refuse = (reasons: readonly string[]): void => {
  for (const reason of reasons) console.error(`Refused: ${reason}`)
  process.exitCode = 1
}

const release = (tree: ReleaseTree, version: string): void => {
  const written = tree.setVersion(version, new Date().toISOString().slice(0, 10))
  try {
    const packed = pack(tree.root)
    tree.git('commit', '--quiet', '-m', `chore(release): ${version}`, '--', ...written)
    tree.git('tag', '-a', `v${version}`, '-m', `Uzima Realtime ${version}`)
    console.log(`v${version} is tagged. To give it away:\n`)
    console.log('  git push origin main --follow-tags')
    for (const name of packed) console.log(`  npm publish --access public ./${FOLDER}/${name}`)
  } catch (error) {
    // Half a release must not look like one.
    tree.git('checkout', '--quiet', 'HEAD', '--', ...written)
    rmSync(join(tree.root, FOLDER), { recursive: true, force: true })
    throw error
  }
}

/** Builds, packs, writes the sums beside it, and returns the names of the tarballs. */
const pack = (root: string): string[] => {
  const folder = join(root, FOLDER)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  // By itself: what `prepare` says would stand in the middle of npm's report.
  execFileSync(process.execPath, ['scripts/ensure-built.js'], { cwd: root, stdio: 'inherit' })
  const output = execFileSync(
    'npm',
    [
      ...[
        'pack',
        '--json',
        '--ignore-scripts',
        '--pack-destination',
        folder,
        '--include-workspace-root',
      ],
      ...WORKSPACES.flatMap((workspace) => ['-w', workspace]),
    ],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // npm's own report.
  const packed = Object.values(JSON.parse(output) as { filename: string }[])
  const names = packed.map(({ filename }) => filename)
  const sums = names.map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
    return `${sum}  ${name}\n`
  })
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''))
  return names
}

main()
