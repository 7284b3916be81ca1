import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { librariesOf, unpackDebianPackage } from '../../test/support/debian-package.js'

const run = promisify(execFile)
/** In tenths of a point, of at most 100. A clinic's may write where copies go, and where versions are. */
const UNITS = { 'deploy/systemd/uzima.service': '20', 'deploy/clinic/uzima.service': '35' }

it.each(Object.entries(UNITS))(
  'systemd takes %s, and calls it little exposed',
  async (path, points) => {
    await run('systemd-analyze', ['--version']).catch((cause: unknown) => {
      throw new Error('systemd-analyze is missing: install it with `apt-get install systemd`.', {
        cause,
      })
    })
    const folder = await mkdtemp(join(tmpdir(), 'uzima-unit-'))
    try {
      // It looks whether what is started is there, which here is another Node.
      const unit = join(folder, 'uzima.service')
      const text = (await readFile(path, 'utf8'))
        .replace('=/usr/bin/node ', `=${process.execPath} `)
        .replace('=@FOLDER@/uzima ', `=${process.execPath} `)
        .replaceAll('@FOLDER@', folder)
        .replaceAll('@USER@', 'uzima')
      await writeFile(unit, text)
      const { stdout, stderr } = await run('systemd-analyze', ['verify', unit])
      expect(`${stdout}${stderr}`).toBe('')
      await run('systemd-analyze', ['security', '--offline=true', `--threshold=${points}`, unit])
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)

it('ShellCheck finds nothing in the scripts of a clinic', async () => {
  const root = await unpackDebianPackage('shellcheck', 'shellcheck')
  const scripts = (await readdir('deploy/clinic')).filter((name) => name.endsWith('.sh'))
  expect(scripts).toHaveLength(4)
  await run(
    join(root, 'usr/bin/shellcheck'),
    scripts.map((name) => join('deploy/clinic', name)),
    { env: { ...process.env, ...(await librariesOf(root)) } },
  )
})
