import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCli, type Cli } from '../test/commands/cli.js'
import { makeDataFolder } from '../test/support/data-folder.js'
import { startServer } from '../test/support/server.js'

let cli: Cli
beforeAll(async () => {
  cli = await createCli()
})
afterAll(() => cli.close())

const OURS = /^uzima-.*Z$/
const OLD = 'uzima-2020-01-01T00-00-00Z'
const LEFT = 'uzima-2020-01-02T00-00-00Z.new'
// A person's own.
const OTHERS = ['monday', `${OLD}-of-ana`, 'uzima-2020-02-31T00-00-00Z']

/** A copy is a process that opens a database. */
const PATIENCE = { timeout: 120_000 }

it(
  'a server keeps as many copies as it is told, says where it cannot, and one of them restores',
  { timeout: 600_000 },
  async () => {
    await using lost = await makeDataFolder()
    const disk = join(cli.dataDir, 'disk')
    const folder = join(cli.dataDir, 'copies')
    /** Lets BACKUP_DIR be what is at `path`, in one step: the server makes a folder that is missing for a moment. */
    const mount = async (path: string): Promise<void> => {
      await symlink(path, `${folder}.next`)
      await rename(`${folder}.next`, folder)
    }
    for (const name of [OLD, LEFT, ...OTHERS]) await mkdir(join(disk, name), { recursive: true })
    await mount(disk)
    const env = {
      JWT_SECRET: randomBytes(48).toString('base64url'),
      BACKUP_DIR: folder,
      BACKUP_EVERY: '1s',
      BACKUP_KEEP: '2',
    }
    const names = async (): Promise<string[]> => (await readdir(folder)).sort()
    const made = async (): Promise<string[]> =>
      (await names()).filter((name) => OURS.test(name) && name !== OLD && !OTHERS.includes(name))
    const copiesLine = async (): Promise<string> => {
      const { stdout } = await cli.run(['doctor'], { ...env, DATA_DIR: lost.path })
      return stdout.split('\n').find((line) => line.includes('  copies  ')) ?? ''
    }
    /** Until a copy is there that began after the call. */
    const untilNewCopy = async (): Promise<void> => {
      const begun = `uzima-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`
      await expect
        .poll(async () => (await made()).at(-1) ?? '', PATIENCE)
        .toSatisfy((name) => name > begun)
    }

    const first = await startServer({ env, dataDir: lost.path })
    const token = await first.login()
    try {
      await first.api(token, 'POST', '/api/inventory', { sku: 'A', name: 'A' })
      await untilNewCopy()
      // What the next copy is made in may be there, too; the old one is gone for good.
      await expect.poll(async () => (await made()).length, PATIENCE).toBe(2)
      await expect.poll(names).not.toContain(OLD)
      await expect.poll(names).not.toContain(LEFT)
      expect(await names()).toEqual(expect.arrayContaining(OTHERS))

      const file = join(cli.dataDir, 'file')
      await writeFile(file, 'where a folder was')
      await mount(file)
      await expect
        .poll(first.output, PATIENCE)
        .toMatch(/"reason":"BACKUP_DIR: [^"]*cannot be used.*Copies of the data are not kept/)
      expect(await copiesLine()).toMatch(/^fail .*BACKUP_DIR: .*cannot be used: .* is a file/)
      // Of a copy that the change has broken off.
      for (const name of await readdir(disk)) {
        if (name.endsWith('.new')) await rm(join(disk, name), { recursive: true })
      }
      await mount(disk)
      await untilNewCopy()
      expect(await copiesLine()).toMatch(/^(?:ok|warn|fail) .*\d of 2 in .*, the newest \d+ /)
    } finally {
      await first.stop()
    }
    expect((await names()).filter((name) => name.endsWith('.new'))).toEqual([])

    const kept = await names()
    const DATA_DIR = join(cli.dataDir, 'restored')
    const restored = await cli.run(['restore', join(folder, (await made()).at(-1) ?? '')], {
      DATA_DIR,
    })
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    await using second = await startServer({
      env: { ...env, BACKUP_EVERY: '24h' },
      dataDir: DATA_DIR,
    })
    const age = async (): Promise<number> => {
      const text = await (await fetch(`${second.url}/metrics`)).text()
      return Number(/^uzima_copy_age_seconds (\d\S*)$/m.exec(text)?.[1])
    }
    // It knows of the newest and makes none before its time.
    await expect.poll(age).toBeGreaterThan(0)
    expect(await names()).toEqual(kept)
    expect(await second.api(token, 'GET', '/api/inventory')).toMatchObject({
      items: [{ sku: 'A' }],
    })
  },
)
