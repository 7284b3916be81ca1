import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeDataFolder } from '../test/support/data-folder.js'
import { startServer } from '../test/support/server.js'

describe('a data folder', () => {
  it('is refused to a second process, which ends and says what to do', async () => {
    await using folder = await makeDataFolder()
    const dataDir = folder.path
    await using server = await startServer({ dataDir })
    const token = await server.login()
    await server.api(token, 'POST', '/api/inventory', { sku: 'FIRST', name: 'First' })

    await expect(startServer({ dataDir, env: {} })).rejects.toThrow(
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
    await using folder = await makeDataFolder()
    const dataDir = folder.path
    const first = await startServer({ dataDir })
    await first.kill9()
    const lock = join(dataDir, 'pglite.lock')
    expect(await readFile(lock, 'utf8')).toContain(first.pid.toString())

    await using next = await startServer({ dataDir })
    expect(await readFile(lock, 'utf8')).toContain(next.pid.toString())
  })
})
