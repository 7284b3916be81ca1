import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The version before: its commit, its built tree, and the program to start. */
export interface Earlier {
  readonly commit: string
  readonly folder: string
  readonly main: string
}

/**
 * Builds a commit out of the history of this repository, into `.cache`: the one that `UPGRADE_FROM` names, such as a tag, else
 * the given one, by default the version before the newest migration. It takes a minute, once for each commit.
 */
export const buildEarlier = async (from?: string): Promise<Earlier> => {
  const named = process.env['UPGRADE_FROM'] ?? from ?? (await beforeNewest())
  const commit = await git('rev-parse', `${named}^{commit}`)
  const folder = join(process.cwd(), '.cache', `earlier-${commit.slice(0, 12)}`)
  if (!existsSync(folder)) await build(commit, folder)
  return { commit, folder, main: join(folder, 'dist', 'main.js') }
}

/** The newest commit before HEAD that has the file: what it brings works there. HEAD where there is none. */
export const lastWith = async (file: string): Promise<string> => {
  const hasFile = await git('ls-tree', 'HEAD^', file).catch(() => '')
  return hasFile === '' ? 'HEAD' : 'HEAD^'
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
