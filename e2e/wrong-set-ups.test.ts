import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOldPostgres } from '../test/support/old-postgres.js'
import { startProgram } from '../test/support/program.js'
import { startRedis, type RedisServer } from '../test/support/redis-server.js'
import { createTestDatabase, type TestDatabase } from '../test/support/world.js'

const runFile = promisify(execFile)

interface Result {
  readonly code: number
  readonly output: string
}
type Env = Readonly<Record<string, string>>

let folder = ''

const inFolder = (env: Env): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  PORT: '0',
  HOST: '127.0.0.1',
  DATA_DIR: join(folder, 'data'),
  DEMO_DATA: 'false',
  ADMIN_PASSWORD: 'a password of the test',
  LOG_LEVEL: 'warn',
  ...env,
})

/** Runs a program of the build to its end. */
const run = (args: readonly string[], env: Env): Promise<Result> =>
  runFile(process.execPath, args, { env: inFolder(env), timeout: 90_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, output: stdout + stderr }
    },
  )
const start = (env: Env): Promise<Result> => run(['dist/main.js'], env)
const doctor = (env: Env): Promise<Result> => run(['dist/cli.js', 'doctor'], env)

/** The line of a check. */
const lineOf = ({ output }: Result, check: string): string =>
  output.split('\n').find((line) => line.split(/ +/)[1] === check) ?? output

const secret = (): string => randomBytes(48).toString('base64url')
const PASSWORD = `p${randomBytes(12).toString('hex')}`

let database: TestDatabase
let redis: RedisServer
let keyHost: Server

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-wrong-'))
  await mkdir(join(folder, 'data'))
  database = await createTestDatabase()
  redis = await startRedis()
  const admin = new Redis(redis.url, { protocol: 2 })
  await admin.config('SET', 'requirepass', PASSWORD)
  admin.disconnect()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const subject = ['-subj', '/CN=localhost', '-days', '2']
  const files = ['-keyout', key, '-out', cert]
  const names = ['-addext', 'subjectAltName=DNS:localhost']
  await runFile('openssl', ['req', '-x509', ...curve, '-nodes', ...files, ...subject, ...names])
  const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  })
  keyHost = createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (_request, response) => response.end(JSON.stringify({ keys: [publicKey] })),
  )
  keyHost.listen(0, '127.0.0.1')
  await once(keyHost, 'listening')
})
afterAll(async () => {
  keyHost.closeAllConnections()
  keyHost.close()
  await redis.stop()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

describe('a start that cannot be ends with one sentence, and uzima doctor says the same', () => {
  it.each<[string, string, () => Env, RegExp]>([
    [
      'a URL that is none',
      'settings',
      () => ({ DATABASE_URL: 'postgres://uzima:pa/ss@db/uzima' }),
      /DATABASE_URL: has a "\/", .* Write them as %2F, .* Example: DATABASE_URL=postgres:/,
    ],
    [
      'a key that can be guessed',
      'keys',
      () => ({ JWT_SECRET: 'change-me-change-me-change-me-change-me' }),
      /JWT_SECRET can be guessed.* Use the output of `openssl rand -base64 48`/,
    ],
  ])('%s', async (_name, check, env, sentence) => {
    const [started, examined] = await Promise.all([start(env()), doctor(env())])
    expect(started.output).toMatch(sentence)
    expect(started.output).not.toMatch(/\n {4}at |pa\/ss/)
    expect(lineOf(examined, check)).toMatch(sentence)
    expect([started.code, examined.code]).toEqual([1, 1])
  })

  it('a PostgreSQL that is too old', async () => {
    await using old = await startOldPostgres()
    const env = { DATABASE_URL: old.url }
    const sentence =
      /DATABASE_URL: PostgreSQL at 127\.0\.0\.1:\d+ is version 12\.22, and 14 or newer is needed\. Upgrade it/
    const [started, examined] = await Promise.all([start(env), doctor(env)])
    expect(started.output).toMatch(sentence)
    expect(lineOf(examined, 'database')).toMatch(sentence)
    expect([started.code, examined.code]).toEqual([1, 1])
  })

  it('a schema that is newer than the program', async () => {
    await using newer = await createTestDatabase()
    await newer.query(
      `insert into schema_migrations (version, name, checksum) values (9999, '9999-later.sql', '')`,
    )
    const env = { DATABASE_URL: newer.url ?? '' }
    const [started, examined] = await Promise.all([start(env), doctor(env)])
    expect(started.output).toMatch(
      /The database has schema version 9999, this program knows \d+\. Start the newer program\./,
    )
    expect(lineOf(examined, 'schema')).toMatch(/version 9999, .* Start the newer program\./)
    expect([started.code, examined.code]).toEqual([1, 1])
  })

  it('a disk without room for the data', async (context) => {
    const disk = join(folder, 'disk')
    await mkdir(disk)
    try {
      await runFile('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
    } catch {
      context.skip('Only root can mount the small disk of this test.')
    }
    try {
      const env = { DATA_DIR: disk }
      const examined = await doctor(env)
      const started = await start(env)
      expect(started.output).toMatch(
        /DATA_DIR: the disk of \S+ has 2\d MiB free, and a new database takes 128\. Free some space/,
      )
      expect(lineOf(examined, 'disk')).toMatch(/DATA_DIR: .* MB free .* Free some space/)
      expect([started.code, examined.code]).toEqual([1, 1])
    } finally {
      await runFile('umount', ['--lazy', disk])
    }
  })
})

/** What a program sees on a machine whose clock is an hour ahead. */
const HOUR_AHEAD = `--import=data:text/javascript,${encodeURIComponent(`
  const RealDate = Date
  globalThis.Date = class extends RealDate {
    static now() { return RealDate.now() + 3_600_000 }
    constructor(...parts) { if (parts.length === 0) super(RealDate.now() + 3_600_000); else super(...parts) }
  }`)}`

const REDIS_SENTENCE =
  /Redis is down: it refuses the user name or password of REDIS_URL, or asks for one\. Correct it/
const CLOCK_SENTENCE =
  /The clock of this machine is 60 minutes ahead of that of the database\. .*Set the one that is wrong: timedatectl/
const KEY_HOST_SENTENCE =
  /JWT_JWKS_URL: the certificate of localhost:\d+ is self-signed, .* NODE_EXTRA_CA_CERTS=/
const OTHER_KEY_SENTENCE =
  /JWT_SECRET: one signs with another secret on this database, .* Give all nodes one JWT_SECRET/

it('what a node can live with is said in its log, and uzima doctor fails and says the same', async () => {
  const base = { DATABASE_URL: database.url ?? '', NODE_ENV: 'production' }
  const right = {
    ...base,
    JWT_SECRET: secret(),
    REDIS_URL: redis.url.replace('//', `//:${PASSWORD}@`),
    NODE_NAME: 'one',
  }
  await using one = await startProgram(['dist/main.js'], { env: clean(inFolder(right)) })
  await one.says(/Uzima Realtime is at/)
  // It shows the mark of its key in its own time.
  await expect
    .poll(() => database.query('select 1 from nodes where key_mark is not null'))
    .toHaveLength(1)

  const wrong = {
    ...base,
    JWT_SECRET: secret(),
    REDIS_URL: redis.url,
    NODE_NAME: 'two',
    JWT_JWKS_URL: `https://localhost:${(keyHost.address() as AddressInfo).port.toString()}/keys.json?key=s3cr3t`,
    NODE_OPTIONS: HOUR_AHEAD,
  }
  await using two = await startProgram(['dist/main.js'], { env: clean(inFolder(wrong)) })
  for (const sentence of [REDIS_SENTENCE, CLOCK_SENTENCE, KEY_HOST_SENTENCE, OTHER_KEY_SENTENCE]) {
    await two.says(sentence)
  }
  await two.says(/Uzima Realtime is at/)
  expect(two.output()).not.toMatch(/s3cr3t/)
  expect(two.output()).not.toContain(wrong.JWT_SECRET)
  await two.stop()

  const other = createNetServer((socket) => {
    socket.destroy()
  })
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const taken = { PORT: (other.address() as AddressInfo).port.toString() }
  const [examined, healthy, started] = await Promise.all([
    doctor({ ...wrong, ...taken }),
    // The issuer is known here, and its certificate ends in two days.
    doctor({
      ...right,
      JWT_JWKS_URL: wrong.JWT_JWKS_URL,
      NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'),
    }),
    start({ ...right, ...taken }),
  ])
  other.close()
  const PORT_SENTENCE =
    /PORT: \d+ is taken on 127\.0\.0\.1 by another process\. Stop that one, or set PORT/
  expect(lineOf(examined, 'redis')).toMatch(REDIS_SENTENCE)
  expect(lineOf(examined, 'clock')).toMatch(CLOCK_SENTENCE)
  expect(lineOf(examined, 'key-host')).toMatch(KEY_HOST_SENTENCE)
  expect(lineOf(examined, 'nodes')).toMatch(OTHER_KEY_SENTENCE)
  expect(lineOf(examined, 'server')).toMatch(PORT_SENTENCE)
  expect(examined.output).not.toMatch(/s3cr3t/)
  expect(examined.code).toBe(1)
  expect(started.output).toMatch(PORT_SENTENCE)
  expect(started.code).toBe(1)
  expect(healthy.output).not.toMatch(/^fail/m)
  expect(lineOf(healthy, 'key-host')).toMatch(/^warn .* ends in 1 day\. Have it renewed/)
  expect(healthy.code).toBe(0)

  // Nothing that was kept could be turned into the key, or tells that two nodes have the same.
  const marks = await database.query<{ mark: string }>(
    `select encode(key_mark, 'hex') as mark from nodes where key_mark is not null`,
  )
  expect(new Set(marks.map(({ mark }) => mark)).size).toBe(marks.length)
})

/** Without what is undefined, as `startProgram` takes it. */
const clean = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
