import { randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, type TestContext } from 'vitest'
import { createPglite } from '../src/storage/pglite.js'
import { fillDataFolder } from '../test/support/data-folder.js'
import { startProgram } from '../test/support/program.js'
import { startServer, type RunningServer } from '../test/support/server.js'

const run = promisify(execFile)
const MiB = 1_048_576
const DISK = 160 * MiB

interface SmallDisk extends AsyncDisposable {
  readonly dataDir: string
  /** Leaves so many bytes free for the data. */
  readonly leave: (bytes: number) => Promise<void>
  readonly giveBack: () => Promise<void>
}

/** A disk of 160 MiB; mounting it takes root. */
const mountDisk = async (context: TestContext): Promise<SmallDisk> => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK.toString()}`, 'tmpfs', folder])
  } catch {
    await rm(folder, { recursive: true, force: true })
    return context.skip('Only root can mount the small disk of this test.')
  }
  const ballast = join(folder, 'ballast')
  const dataDir = join(folder, 'data')
  await mkdir(dataDir)
  await fillDataFolder(dataDir)
  return {
    dataDir,
    async leave(bytes) {
      const { bavail, bsize } = await statfs(folder)
      await writeFile(ballast, Buffer.alloc(bavail * bsize - bytes))
    },
    giveBack: () => rm(ballast),
    async [Symbol.asyncDispose]() {
      await run('umount', ['--lazy', folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

const world = async (server: RunningServer, token?: string) => {
  const bearer = token ?? (await server.login())
  const request = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      signal: AbortSignal.timeout(20_000),
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return {
    token: bearer,
    request,
    /** Creates an item of about 8 kB in the heap and as much in the log. */
    create: (sku: string) =>
      request('POST', '/api/inventory', {
        sku,
        name: sku,
        metadata: Object.fromEntries(
          Array.from({ length: 100 }, (_, n) => [
            `k${n.toString()}`,
            Math.random().toString(36).repeat(6),
          ]),
        ),
      }),
    isReady: () =>
      request('GET', '/health/ready').then(
        ({ status }) => status === 200,
        () => false,
      ),
  }
}

const env = { JWT_SECRET: randomBytes(48).toString('base64url'), ACCESS_TOKEN_TTL: '1d' }

it.for([
  { name: 'the tables cannot grow', free: 256 * 1_024 },
  { name: 'the write-ahead log cannot grow', free: 12 * MiB },
  // The store takes no more when 32 MiB are left.
  { name: 'the disk fills slowly', free: 36 * MiB },
])(
  'refuses, tells it is not ready, never hangs, and has every acknowledged row later: $name',
  async ({ free }, context) => {
    await using disk = await mountDisk(context)
    const kept: string[] = []
    const refused = new Set<number>()
    let refusals = 0
    let token: string
    {
      await using server = await startServer({ dataDir: disk.dataDir, env })
      const { create, isReady, token: first } = await world(server)
      token = first
      expect(await isReady()).toBe(true)
      await disk.leave(free)
      let exit: string | undefined
      void server.exited.then(({ code, signal }) => {
        exit = String(code ?? signal)
      })
      // Goes on after the first refusal: the store must not hang then.
      for (let n = 1; refusals < 50 && exit === undefined; n += 1) {
        const sku = `S${n.toString()}`
        const { status } = await create(sku).catch(() => ({ status: 0 }))
        if (status === 201) kept.push(sku)
        else {
          refusals += 1
          refused.add(status)
        }
      }
      expect(refusals).toBeGreaterThan(0)
      await expect.poll(isReady).toBe(false)
      if (exit === undefined) {
        // It lives, so it must answer: reading needs no space.
        const { request } = await world(server, token)
        expect((await request('GET', '/api/inventory?limit=1')).status).toBe(200)
        expect([...refused]).toEqual([503])
      }
      server.signal('SIGKILL')
      await server.exited
    }

    await disk.giveBack()
    await using server = await startServer({ dataDir: disk.dataDir, env })
    const { request, create } = await world(server, token)
    const there = new Set<unknown>()
    for (let cursor = ''; ;) {
      const page = await request('GET', `/api/inventory?limit=500${cursor}`)
      for (const { sku } of page.body['items'] as { sku: string }[]) there.add(sku)
      if (typeof page.body['nextCursor'] !== 'string') break
      cursor = `&cursor=${encodeURIComponent(page.body['nextCursor'])}`
    }
    expect(kept.filter((sku) => !there.has(sku))).toEqual([])
    const { body } = await request('GET', '/api/events?since=0&limit=1000')
    const seqs = (body['events'] as { seq: number }[]).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index))
    expect((await create('AFTER')).status).toBe(201)
  },
)

// Past the check for space, as a statement that needs much of it at once gets.
const WRITER = `
import { createPglite } from './dist/storage/pglite.js'
const database = await createPglite({ dataDir: process.env.DATA_DIR + '/pglite', onHung: () => undefined })
await database.script('create table if not exists pages (n integer, text text)')
console.log('ready')
await new Promise((resolve) => setTimeout(resolve, 1_000))
for (let n = 1; ; n += 1) {
  try {
    await database.query('insert into pages values ($1, $2)', [n, 'x'.repeat(2_000)])
    if (n % 100 === 0) console.log('kept', n)
  } catch (error) {
    console.log('refused', error.code)
  }
  await new Promise((resolve) => setImmediate(resolve))
}`

it('ends where the store hangs for want of space, and has every acknowledged row later', async (context) => {
  await using disk = await mountDisk(context)
  const { dataDir } = disk
  await using writer = await startProgram(['--input-type=module', '-e', WRITER], {
    env: { DATA_DIR: dataDir },
  })
  await writer.says(/ready/)
  await disk.leave(12 * MiB)
  await writer.says(/has not returned for 10 s\. The process ends/)
  await expect.poll(() => isAlive(writer.pid)).toBe(false)
  const kept = Math.max(...[...writer.output().matchAll(/kept (\d+)/g)].map(([, n]) => Number(n)))
  await disk.giveBack()

  const database = await createPglite({ dataDir: join(dataDir, 'pglite'), onHung: () => undefined })
  const rows = await database.query<{ n: number }>('select n from pages where n <= $1', [kept])
  await database.close()
  expect(rows).toHaveLength(kept)
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

// A disk that takes everything and fails when it is asked whether it has it.
const FAILING = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const sync = fs.fsyncSync
let fails = false
fs.fsyncSync = (file) => {
  if (fails) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
  sync(file)
}
syncBuiltinESMExports()
const { createPglite } = await import('./dist/storage/pglite.js')
const database = await createPglite({
  dataDir: process.env.DATA_DIR,
  onHung: (error) => {
    console.log('told:', error.message)
    process.kill(process.pid, 'SIGKILL')
  },
})
await database.script('create table kept (n integer); insert into kept values (1)')
fails = true
await database.query('insert into kept values (2)').then(
  () => console.log('acknowledged'),
  (error) => console.log('refused:', error.message),
)`

it('acknowledges nothing that the disk failed to keep, and ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-failing-'))
  const dataDir = join(folder, 'data')
  try {
    await using program = await startProgram(['--input-type=module', '-e', FAILING], {
      env: { DATA_DIR: dataDir },
    })
    await program.says(/told: The embedded database gave up/)
    await expect.poll(() => isAlive(program.pid)).toBe(false)
    expect(program.output()).not.toContain('acknowledged')

    const database = await createPglite({ dataDir, onHung: () => undefined })
    const rows = await database.query<{ n: number }>('select n from kept where n = 1')
    await database.close()
    expect(rows).toHaveLength(1)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
