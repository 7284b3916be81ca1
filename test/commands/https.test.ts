import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCli, type Cli } from './cli.js'

let cli: Cli
beforeAll(async () => {
  cli = await createCli()
})
afterAll(() => cli.close())

it('uzima https makes the certificates once, and says where tablets go and what to compare', async () => {
  const env = { PORT: '3000', HTTPS_NAMES: 'stock.local' }
  const first = await cli.run(['https'], env)
  expect(first.code).toBe(0)
  expect(first.stdout).toContain('Set HTTPS_PORT=3443 and HOST=0.0.0.0')
  expect(first.stdout).toContain('http://stock.local:3000  leads to  https://stock.local:3443')
  expect(first.stdout).toMatch(/SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}\n/)
  expect(first.stdout).not.toMatch(/localhost|127\.|PRIVATE KEY/)

  expect(await cli.run(['https'], env)).toEqual(first)

  const other = await cli.run(['https'], { ...env, HTTPS_NAMES: 'stock.example' })
  expect(other.stdout).toContain('Not in the certificate: stock.example.')
})
