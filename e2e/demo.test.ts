import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startProgram } from '../test/support/program.js'
import { startServer } from '../test/support/server.js'

describe('a newcomer', () => {
  it('sees a day of a clinic arrive in a second terminal, without a flag', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'uzima-demo-'))
    try {
      await using server = await startServer({ dataDir, env: { DEMO_DATA: 'true' } })
      const token = await server.login()
      const items = (await server.api(token, 'GET', '/api/inventory?limit=500')) as {
        items: unknown[]
      }
      expect(items.items.length).toBeGreaterThanOrEqual(150)
      for (const role of ['inventory_manager', 'pharmacist', 'doctor', 'educator', 'patient']) {
        expect(server.output()).toMatch(new RegExp(`${role} +\\S+ +\\S+`))
      }
      const env = { DATA_DIR: dataDir }
      await using listen = await startProgram(['dist/cli.js', 'listen'], { env })
      await listen.says(/[Cc]onnected/)
      await using demo = await startProgram(['dist/cli.js', 'demo', '--speed', '5000'], { env })
      await demo.says(/The day is over: 18:00 +\d{2,} movements/)
      await listen.says(/inventory:update +#\d+/)
      await listen.says(/inventory:lowStock/)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
