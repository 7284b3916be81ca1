import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startProgram, type Program } from '../test/support/program.js'
import { startServer } from '../test/support/server.js'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'uzima-folder-'))
})
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true })
})

describe('a data folder', () => {
  it('is refused to a second process, which ends and says what to do', async () => {
    await using server = await startServer({ dataDir })
    const token = await server.login()
    await server.api(token, 'POST', '/api/inventory', { sku: 'FIRST', name: 'First' })

    await expect(startServer({ dataDir })).rejects.toThrow(
      new RegExp(
        `exit code 1\\)[^]*in use by process ${server.pid.toString()}. Stop that process, or set DATA_DIR`,
      ),
    )

    // It has touched nothing: the first goes on, and what both would have lost is there.
    await server.api(token, 'POST', '/api/inventory', { sku: 'SECOND', name: 'Second' })
    const { items } = (await server.api(token, 'GET', '/api/inventory')) as { items: unknown[] }
    expect(items).toHaveLength(2)
  })

  it('is taken over from a process that was killed', async () => {
    const first = await startServer({ dataDir })
    await first.kill9()
    const lock = join(dataDir, 'pglite.lock')
    expect(await readFile(lock, 'utf8')).toContain(first.pid.toString())

    await using next = await startServer({ dataDir })
    expect(await readFile(lock, 'utf8')).toContain(next.pid.toString())
  })
})

const OPEN = `
import { createPglite } from './dist/storage/pglite.js'
import { migrate } from './dist/storage/migrate.js'
const database = await createPglite({ dataDir: process.env.DATA_DIR, onHung: () => undefined })
console.log('opened')
await migrate(database)
console.log('migrated')
await database.close()`

const startToOpen = (folder: string): Promise<Program> =>
  startProgram(['--input-type=module', '-e', OPEN], { env: { DATA_DIR: folder } })

describe('the first start', () => {
  // It makes folders, then about 1,000 files, then syncs them: killed at the beginning, among the files, at the end.
  it.each([1, 18, 22])(
    'leaves an empty folder or a whole one when it is killed at its entry %i',
    async (entries) => {
      const folder = join(dataDir, 'pglite')
      const entriesOf = (path: string): number => (existsSync(path) ? readdirSync(path).length : 0)
      const first = await startToOpen(folder)
      while (entriesOf(`${folder}.new`) < entries && entriesOf(folder) === 0) await setImmediate()
      await first.kill9()
      const left = entriesOf(folder)
      expect(left === 0 || left >= 22, `${left.toString()} entries`).toBe(true)

      await using next = await startToOpen(folder)
      await next.says(/migrated/)
      expect(existsSync(`${folder}.new`)).toBe(false)
    },
  )
})
