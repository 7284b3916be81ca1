import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('../..', import.meta.url))
const VERSION = '98.76.5'

interface Scratch extends AsyncDisposable {
  readonly git: (...args: string[]) => Promise<string>
  readonly read: (path: string) => Promise<string>
  readonly write: (path: string, text: string) => Promise<void>
  /** Puts what is written into the last commit. */
  readonly commit: () => Promise<void>
  /** Runs the script; `npm run release` does no more. */
  readonly release: (...args: string[]) => Promise<{ code: number; said: string }>
  readonly files: (folder: string) => Promise<string[]>
}

/** A clone on main with this tree's script and news to tell, whose gates and whose build do nothing. */
const createScratch = async (): Promise<Scratch> => {
  const root = await mkdtemp(join(tmpdir(), 'uzima-release-'))
  await run('git', ['clone', '--quiet', '--depth', '1', `file://${repository}`, root])
  const git = async (...args: string[]): Promise<string> => {
    const as = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org']
    return (await run('git', [...as, ...args], { cwd: root })).stdout.trim()
  }
  const write = (path: string, text: string): Promise<void> => writeFile(join(root, path), text)
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8')
  const commit = async (): Promise<void> => {
    await git('add', '--all')
    await git('commit', '--quiet', '--amend', '--no-edit')
  }
  await git('config', 'user.name', 'Somebody')
  await git('config', 'user.email', 'somebody@example.org')
  await git('checkout', '--quiet', '-B', 'main')
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, '.git/info/exclude'), '/node_modules\n')
  for (const path of ['scripts/release', 'scripts/release.ts', 'package.json', '.gitignore']) {
    await cp(join(repository, path), join(root, path), { recursive: true })
  }
  await write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n- News.\n\n## 0.0.1 - 2020-01-01\n')
  await write('scripts/ensure-built.js', '')
  await write('.ci/run', '#!/bin/sh\necho The gates\n')
  await chmod(join(root, '.ci/run'), 0o755)
  await commit()
  return {
    git,
    write,
    read,
    commit,
    files: (folder) => readdir(join(root, folder)),
    release: (...args) =>
      new Promise((resolve) => {
        const script = ['--import', 'tsx', 'scripts/release.ts', ...args]
        execFile(process.execPath, script, { cwd: root }, (error, out, err) => {
          resolve({ code: Number(error?.code ?? 0), said: `${out}${err}` })
        })
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}

it('a release is refused with every reason at once, and nothing is changed', async () => {
  await using scratch = await createScratch()
  const head = await scratch.git('rev-parse', 'HEAD')
  const wrong = await scratch.release('--version', 'next')
  expect(wrong).toEqual({
    code: 1,
    said: 'Refused: "next" is no semantic version; write --version 1.2.3.\n',
  })
  const old = await scratch.release('--version', '0.0.2', '--dry-run')
  expect(old.said).toMatch(/^Refused: 0\.0\.2 is older than \d+\.\d+\.\d+, which the packages have/)
  expect(await scratch.git('rev-parse', 'HEAD')).toBe(head)

  await scratch.git('tag', `v${VERSION}`)
  await scratch.git('checkout', '--quiet', '-b', 'side')
  await scratch.write(
    'CHANGELOG.md',
    '# Changelog\n\n## Unreleased\n\n## 0.0.1 - 2020-01-01\n\n- Old.\n',
  )
  const client = JSON.parse(await scratch.read('packages/client/package.json')) as object
  await scratch.write(
    'packages/client/package.json',
    JSON.stringify({ ...client, version: '9.9.9' }),
  )
  const { code, said } = await scratch.release('--version', VERSION)
  expect(code).toBe(1)
  for (const reason of [
    `v${VERSION} is a tag already`,
    'This is the branch side; releases are made on main.',
    'The tree is not clean; commit or remove:\nM CHANGELOG.md\n M packages/client/package.json',
    'CHANGELOG.md has nothing under "Unreleased"',
    'The packages do not have one version; uzima-realtime has ',
    '@uzima/client has 9.9.9',
  ]) {
    expect(said).toContain(reason)
  }
  expect(said).not.toContain('The gates')
})

it('a release whose gates fail is refused', async () => {
  await using scratch = await createScratch()
  await scratch.write('.ci/run', '#!/bin/sh\necho 1 passed, 1 failed\nexit 1\n')
  await scratch.commit()
  const { code, said } = await scratch.release('--version', VERSION)
  expect(code).toBe(1)
  expect(said).toContain('1 passed, 1 failed')
  expect(said).toContain('Refused: .ci/run failed')
  expect(await scratch.git('status', '--porcelain')).toBe('')
  expect(await scratch.git('tag')).toBe('')
})

it('a release writes its version everywhere, packs with sums, commits, tags, and publishes nothing', async () => {
  await using scratch = await createScratch()
  const dry = await scratch.release('--version', VERSION, '--dry-run')
  expect(dry).toMatchObject({ code: 0, said: expect.stringContaining(`tag v${VERSION}`) as string })
  expect(await scratch.git('tag')).toBe('')

  const { code, said } = await scratch.release('--version', VERSION)
  expect({ code, said }).toMatchObject({
    code: 0,
    said: expect.stringContaining('The gates') as string,
  })
  expect(await scratch.git('status', '--porcelain')).toBe('')
  expect(await scratch.git('describe')).toBe(`v${VERSION}`)
  expect(await scratch.read('CHANGELOG.md')).toMatch(
    /## Unreleased\n\n## 98\.76\.5 - \d{4}-\d\d-\d\d\n\n- News\./,
  )
  const tarballs = ['uzima-client', 'uzima-contracts', 'uzima-realtime'].map(
    (name) => `${name}-${VERSION}.tgz`,
  )
  expect((await scratch.files('release')).sort()).toEqual(['SHA256SUMS', ...tarballs])
  for (const name of tarballs)
    expect(said).toContain(`npm publish --access public ./release/${name}`)
  const sums = await scratch.read('release/SHA256SUMS')
  expect(
    sums
      .match(/^[0-9a-f]{64} {2}\S+$/gm)
      ?.map((line) => line.slice(66))
      .sort(),
  ).toEqual(tarballs)
  const lock = await scratch.read('package-lock.json')
  expect(lock.match(/"@uzima\/\w+": "(?!98\.76\.5")/g)).toBeNull()
  expect(lock.match(/"version": "98\.76\.5"/g)?.length).toBeGreaterThanOrEqual(6)
})
