import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The version before: its commit, and the program to start. */
export interface Earlier {
  readonly commit: string
  readonly main: string
}

/**
 * Builds the version before the newest migration, out of the history of this repository, into `.cache`; or the commit that
 * `UPGRADE_FROM` names, such as a tag. It takes a minute, once for each commit.
 */
export const buildEarlier = async (): Promise<Earlier> => {
  const commit = await git(
    'rev-parse',
    `${process.env['UPGRADE_FROM'] ?? (await beforeNewest())}^{commit}`,
  )
  const target = join(process.cwd(), '.cache', `earlier-${commit.slice(0, 12)}`)
  if (!existsSync(target)) await build(commit, target)
  return { commit, main: join(target, 'dist', 'main.js') }
}

/** The last migration that was merged before migrations had to work below the version before. */
const BEFORE_THE_RULE = '0024'

/**
 * The newest commit with fewer migrations than we, those as we have them, so that its database is one for us; without a
 * migration since the rule, the commit before.
 */
const beforeNewest = async (): Promise<string> => {
  const ours = new Set(await migrationsOf('HEAD'))
  const parents = (await git('log', '--format=%P', '--', 'migrations')).split(/\s+/)
  for (const commit of parents.filter((hash) => hash !== '')) {
    const theirs = await migrationsOf(commit)
    const isPart = theirs.every((migration) => ours.has(migration))
    const isRuled = theirs.some((line) => line.includes(`migrations/${BEFORE_THE_RULE}-`))
    if (theirs.length < ours.size && isPart && isRuled) return commit
  }
  return 'HEAD^'
}

/** Names and contents. */
const migrationsOf = async (commit: string): Promise<string[]> =>
  (await git('ls-tree', commit, 'migrations/')).split('\n').filter((line) => line.endsWith('.sql'))

const build = async (commit: string, target: string): Promise<void> => {
  await mkdir('.cache', { recursive: true })
  const work = await mkdtemp(`${target}-`)
  try {
    const archive = join(work, 'tree.tar')
    await git('archive', `--output=${archive}`, commit)
    await run('tar', ['-xf', archive, '-C', work])
    await rm(archive)
    // Builds it, too.
    await run('npm', ['ci'], { cwd: work, maxBuffer: 64 * 1_048_576 })
    await rename(work, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const git = async (...args: string[]): Promise<string> => (await run('git', args)).stdout.trim()
