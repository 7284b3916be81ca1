import { connectionsPageSchema, loginResultSchema } from '@uzima/contracts'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createRest, type Rest } from '../../src/commands/rest.js'
import { readRunningServer } from '../../src/storage/running-server.js'
import { createCli, type Cli, type RunningCommand } from './cli.js'

const PASSWORD = 'a password of the test'

let cli: Cli
let server: RunningCommand
let url: string

const startServer = async (port = '0'): Promise<RunningCommand> => {
  const child = cli.start(['serve'], {
    ADMIN_PASSWORD: PASSWORD,
    PORT: port,
    BREAK_GLASS_ROLES: 'doctor',
  })
  // It starts in a hook too, where expect.poll does not work.
  await vi.waitFor(async () => expect(await readRunningServer(cli.dataDir)).toBeDefined(), 90_000)
  return child
}

const secretFile = (name: string): string => join(cli.dataDir, `of-the-test-${name}`)

const expectOutput = (command: RunningCommand, text: RegExp): Promise<void> =>
  expect.poll(() => command.output()).toMatch(text)

const asAdmin = async (): Promise<Rest> => {
  const { accessToken } = await createRest(url).request(
    'POST',
    '/api/auth/login',
    loginResultSchema,
    {
      username: 'admin',
      password: PASSWORD,
    },
  )
  return createRest(url, () => Promise.resolve(accessToken))
}

beforeAll(async () => {
  cli = await createCli()
  await writeFile(secretFile('password'), `${PASSWORD}\n`)
  server = await startServer()
  url = (await readRunningServer(cli.dataDir))?.url ?? ''
})
afterAll(() => cli.close())

describe('next to a running server', () => {
  it('keeps its note for this user only', async () => {
    expect((await stat(join(cli.dataDir, 'running.json'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(cli.dataDir, 'running.json'), 'utf8')).not.toContain(PASSWORD)
  })

  it('listens without a flag and sees a stock change and a message arrive', async () => {
    const listener = cli.start(['listen', '--count', '2'])
    await expectOutput(listener, /Connected at http.* as admin \(admin\)/)
    const admin = await asAdmin()
    await admin.request('POST', '/api/inventory', z.unknown(), { sku: 'CLI-1', name: 'Gauze' })
    await expectOutput(listener, /inventory:update +#\d+ CLI-1 Gauze: 0 created/)
    expect(await cli.run(['send', '--all', 'hello', '{"a":1}'])).toMatchObject({
      code: 0,
      stdout: 'Sent hello to everybody.\n',
    })
    const { code, stdout } = await listener.exited
    expect(code).toBe(0)
    expect(stdout).toMatch(/hello +\{"a":1\}\n$/)
    // Not a terminal: no colours.
    expect(stdout).not.toContain('\u001b')
  })

  it('sends to one user by name only', async () => {
    const password = secretFile('password')
    await cli.run(['user', 'add', 'ana', '--role', 'doctor', '--password-file', password])
    const ana = cli.start([
      'listen',
      '--json',
      '--count',
      '1',
      '--url',
      url,
      '--username',
      'ana',
      '--password-file',
      password,
    ])
    await expectOutput(ana, /as ana \(doctor\)/)
    await cli.run(['send', '--user', 'admin', 'note', '{"for":"admin"}'])
    await cli.run(['send', '--user', 'Ana', 'note', '{"for":"ana"}'])
    expect((await ana.exited).stdout).toBe('{"event":"note","data":{"for":"ana"}}\n')
  })

  it('takes a role in an emergency, and has it reviewed by somebody else', async () => {
    const asAna = ['--url', url, '--username', 'ana', '--password-file', secretFile('password')]
    const why = ['--minutes', '5', '--reason', 'nobody else is here']
    const taken = await cli.run(['break-glass', 'pharmacist', ...why, ...asAna])
    expect(taken).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ana is pharmacist/) })
    const { stdout } = await cli.run(['reviews', '--json'])
    const [{ id }] = z.tuple([z.object({ id: z.string() })]).parse(JSON.parse(stdout))
    expect((await cli.run(['review', id, '--note', 'seen'])).stderr).toContain('still in force')
    expect((await cli.run(['grant', 'end', id])).code).toBe(0)
    expect((await cli.run(['reviews', id])).stdout).toContain('Nothing was done meanwhile.')
    expect(await cli.run(['review', id, '--note', 'seen'])).toMatchObject({
      code: 0,
      stdout: 'The review of pharmacist of ana is closed.\n',
    })
    expect((await cli.run(['reviews'])).stdout).toBe('No review is open.\n')
    expect((await cli.run(['reviews', '--closed'])).stdout).toContain('nobody else is here')
  })

  it('manages users through the server, and their live sessions follow', async () => {
    await cli.run(['user', 'add', 'ben', '--role', 'educator'])
    const { stdout: token } = await cli.run(['token', 'ben'])
    const ben = cli.start(['listen'], { UZIMA_TOKEN: token.trim() })
    await expectOutput(ben, /as ben \(educator\)/)
    await cli.run(['user', 'role', 'ben', 'pharmacist'])
    await expectOutput(ben, /session:role +\{"role":"pharmacist"/)
    const reason = ['--reason', 'on call']
    const given = await cli.run([
      'grant',
      'add',
      'ben',
      'doctor',
      '--for',
      '8h',
      ...reason,
      '--json',
    ])
    await expectOutput(ben, /"roles":\["doctor","pharmacist"\]/)
    const { id } = JSON.parse(given.stdout) as { id: string }
    expect((await cli.run(['grant', 'list', 'ben'])).stdout).toContain(id)
    expect((await cli.run(['grant', 'end', id])).code).toBe(0)
    await expectOutput(ben, /"roles":\["pharmacist"\]/)
    expect((await cli.run(['user', 'deactivate', 'ben'])).code).toBe(0)
    const { code, stderr } = await ben.exited
    expect(code).toBe(1)
    expect(stderr).toMatch(/error: The server (?:closed the session|refuses)/)
    expect((await cli.run(['user', 'list'])).stdout).toMatch(/^ben +pharmacist +no/m)
  })

  it('ends with a token of its own that has expired, instead of coming back with it for ever', async () => {
    await cli.run(['user', 'add', 'eve', '--role', 'educator'])
    const { stdout: token } = await cli.run(['token', 'eve'], { ACCESS_TOKEN_TTL: '1s' })
    await writeFile(secretFile('token'), token)
    const eve = cli.start(['listen', '--token-file', secretFile('token')])
    const { code, stderr } = await eve.exited
    expect(code).toBe(1)
    expect(stderr).toContain('error: The token no longer serves. Give another one.')
  })

  it('says what is wrong where the server does not know the key', async () => {
    const { code, stderr } = await cli.run(['user', 'list'], {
      JWT_SECRET: 'k7Qd0sLx3VbN9pRw2ZtYc5Hf8JmAe1Gu',
    })
    expect(code).toBe(1)
    expect(stderr).toContain('same JWT_SECRET')
  })

  it('shows who is connected, ends one connection, and finds both in the audit', async () => {
    const listener = cli.start(['listen'])
    await expectOutput(listener, /Connected at/)
    const { stdout } = await cli.run(['connections', '--user', 'admin', '--json'])
    const page = connectionsPageSchema.parse(JSON.parse(stdout))
    expect(page.connections).toMatchObject([{ username: 'admin', role: 'admin' }])
    const socketId = page.connections[0]?.socketId ?? ''
    expect((await cli.run(['connections'])).stdout).toMatch(
      new RegExp(`^USERNAME .*\n(?:.*\n)*admin +admin +.* ${socketId}$`, 'm'),
    )
    expect(await cli.run(['disconnect', socketId, '--json'])).toMatchObject({
      code: 0,
      stdout: `{"disconnected":"${socketId}"}\n`,
    })
    await expectOutput(listener, /Not connected[^]*Resumed at/)
    listener.kill('SIGINT')
    await listener.exited
    const gone = await cli.run(['disconnect', socketId, '--json'])
    expect(JSON.parse(gone.stderr)).toMatchObject({ error: { code: 'CONNECTION_NOT_FOUND' } })
    await expect
      .poll(async () => (await cli.run(['audit', 'list', '--json', '--limit', '2000'])).stdout)
      .toMatch(new RegExp(`"outcome":"closed".*"socketId":"${socketId}"`))
  })

  it('shows the log and the nodes as the server tells them', async () => {
    const { log } = (await (await fetch(`${url}/health/ready`)).json()) as {
      log: { seq: number; epoch: string }
    }
    const head = await cli.run(['log', 'head', '--json'])
    expect(JSON.parse(head.stdout)).toMatchObject({ seq: log.seq, epoch: log.epoch })
    expect(await cli.run(['log', 'epoch'])).toMatchObject({ code: 0, stdout: `${log.epoch}\n` })
    const top = await cli.run(['top', '--count', '1'])
    expect(top.stdout).toMatch(
      /^\S+ {2}\S+ {2}ready {2}connections .*, database up, redis unused$/m,
    )
    const json = await cli.run(['top', '--count', '1', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ nodes: [{ ready: true }], missingNodes: [] })
  })

  it('is found in order by the doctor', async () => {
    const { code, stdout } = await cli.run(['doctor'])
    expect(stdout).toMatch(/^ok {4}server +ready at http.*, its log confirmed \d+ ms ago$/m)
    expect(stdout).toMatch(/^ok {4}database +embedded, in use by the server$/m)
    expect(code).toBe(0)

    const { port } = new URL(url)
    const elsewhere = await cli.run(['doctor'], {
      DATA_DIR: join(cli.dataDir, 'other'),
      PORT: port,
    })
    expect(elsewhere.stdout).toMatch(
      /^fail {2}server +PORT: a server on other data than .* Set DATA_DIR/m,
    )
  })

  it.each([
    ['log', 'epoch', '--new'],
    ['audit', 'verify'],
    ['export', 'log'],
    ['stock', 'check'],
  ])('says that it has the database that uzima %s %s needs', async (...args) => {
    const { code, stdout, stderr } = await cli.run([...args, '--json'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'FOLDER_IN_USE',
        message: expect.stringMatching(/in use by process \d+\. Stop that process.* for itself\.$/),
      },
    })
  })

  it('refuses a second server on the folder with one sentence', async () => {
    const { code, stderr } = await cli.start(['serve']).exited
    expect(code).toBe(1)
    expect(stderr).toMatch(/in use by process \d+/)
  })

  it('sends no token of its own to a foreign address', async () => {
    const { code, stderr } = await cli.run(['send', '--all', 'x', '--url', 'http://192.0.2.1'])
    expect(code).toBe(1)
    expect(stderr).toContain('Give UZIMA_TOKEN')
  })

  it('resumes when the server comes back, and ends with 0 when told to', async () => {
    const listener = cli.start(['listen'])
    await expectOutput(listener, /Connected at/)
    server.kill('SIGTERM')
    expect((await server.exited).code).toBe(0)
    expect(await readRunningServer(cli.dataDir)).toBeUndefined()
    await expectOutput(listener, /Not connected/)
    server = await startServer(new URL(url).port)
    await expectOutput(listener, /Resumed at/)
    listener.kill('SIGINT')
    expect((await listener.exited).code).toBe(0)
  })
})
