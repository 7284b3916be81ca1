import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const DEBIAN = '/usr/lib/postgresql'

/** `pg_dump` and `pg_restore` that fit a server of this major version, or the sentence that says what is missing. */
export const findDump = async (major: number): Promise<Dump | string> => {
  const versions = await readdir(DEBIAN).catch(() => [])
  const folders = ['', ...versions.map((version) => join(DEBIAN, version, 'bin'))]
  for (const folder of folders) {
    const told = await run(join(folder, 'pg_dump'), ['--version']).catch(() => undefined)
    const found = Number(/\) (\d+)/.exec(told?.stdout ?? '')?.[1] ?? 0)
    if (found === major) return dumpWith(folder)
  }
  return `pg_dump of PostgreSQL ${major.toString()} is missing: apt-get install postgresql-client-${major.toString()}`
}

/** Dumps, and restores into an empty database, as docs/operations.md says it. */
export interface Dump {
  readonly dump: (url: string) => Promise<Dumped>
}

export interface Dumped extends AsyncDisposable {
  readonly restore: (url: string) => Promise<void>
}

const dumpWith = (folder: string): Dump => ({
  dump: async (url) => {
    const work = await mkdtemp(join(tmpdir(), 'uzima-dump-'))
    const file = join(work, 'uzima.dump')
    await run(join(folder, 'pg_dump'), ['--format=custom', `--file=${file}`, url])
    return {
      restore: async (target) => {
        const args = ['--no-owner', '--exit-on-error', `--dbname=${target}`, file]
        await run(join(folder, 'pg_restore'), args)
      },
      [Symbol.asyncDispose]: () => rm(work, { recursive: true, force: true }),
    }
  },
})
