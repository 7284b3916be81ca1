import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const UNIT = 'deploy/systemd/uzima.service'

it('systemd takes the unit as it is, and calls it little exposed', async () => {
  await run('systemd-analyze', ['--version']).catch((cause: unknown) => {
    throw new Error('systemd-analyze is missing: install it with `apt-get install systemd`.', {
      cause,
    })
  })
  const folder = await mkdtemp(join(tmpdir(), 'uzima-unit-'))
  try {
    // It looks whether what is started is there, which here is another Node.
    const unit = join(folder, 'uzima.service')
    const text = (await readFile(UNIT, 'utf8')).replace('=/usr/bin/node ', `=${process.execPath} `)
    await writeFile(unit, text)
    const { stdout, stderr } = await run('systemd-analyze', ['verify', unit])
    expect(`${stdout}${stderr}`).toBe('')
    // In tenths of a point, of at most 100.
    await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit])
  } finally {
    await rm(folder, { recursive: true })
  }
})
