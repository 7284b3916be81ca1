import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCli, type Cli } from './cli.js'

let cli: Cli
beforeAll(async () => {
  cli = await createCli()
})
afterAll(() => cli.close())

it('manages users in the embedded store where no server runs', async () => {
  const say = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli.run(args)
    return `${String(code)} ${stdout}${stderr}`
  }
  expect(await say('migrate')).toMatch(/^0 Applied \d+ migrations/)
  expect(await say('migrate')).toBe('0 The schema is up to date.\n')
  expect(await say('user', 'add', 'root', '--role', 'admin')).toMatch(/^0 root is added as admin/)
  expect(await say('user', 'add', 'ROOT', '--role', 'admin')).toMatch(/^1 error: A user with this/)
  expect(await say('user', 'add', 'a b', '--role', 'admin')).toMatch(/^1 error: username: /)
  expect(await say('user', 'deactivate', 'root')).toMatch(/^1 error: The last active admin/)
  expect(await say('user', 'add', 'ana', '--role', 'doctor')).toMatch(/^0 /)
  expect(await say('token', 'Ana')).toMatch(/^0 eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/)
  expect(await say('user', 'role', 'ana', 'pharmacist')).toBe('0 ana is now pharmacist.\n')
  expect(await say('user', 'revoke', 'ana')).toMatch(/^0 .*entry \d+ of the log/)
  expect(await say('user', 'deactivate', 'ana')).toBe('0 ana is deactivated.\n')
  expect(await say('token', 'ana')).toMatch(/^1 error: ana is deactivated/)
  expect(await say('user', 'list')).toMatch(/^ana +pharmacist +no +ana@uzima.invalid/m)
  expect(await say('user', 'role', 'ghost', 'admin')).toMatch(/^1 error: No user is called ghost/)
  expect(await say('audit', 'verify')).toMatch(/^0 .*every link holds/)
})
