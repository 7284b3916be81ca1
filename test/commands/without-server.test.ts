import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/storage/database.js'
import { createPglite } from '../../src/storage/pglite.js'
import { createCli, type Cli } from './cli.js'

interface Erased {
  readonly userId: string
  readonly tables: Readonly<Record<string, readonly object[]>>
}

let cli: Cli
beforeAll(async () => {
  cli = await createCli()
})
afterAll(() => cli.close())

it('says where the data is not, and makes none', async () => {
  expect(await cli.run(['user', 'list', '--json'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /"NO_DATABASE".*Set DATA_DIR or DATABASE_URL as the server has it/,
    ),
  })
  expect(await readdir(cli.dataDir)).toEqual([])
})

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
  expect(await say('grant', 'add', 'Ana', 'admin', '--for', '8h', '--reason', 'on call')).toMatch(
    /^0 Ana is admin until .*Z, id [-\da-f]{36}\.\n$/,
  )
  expect(await say('user', 'deactivate', 'ana')).toBe('0 ana is deactivated.\n')
  expect(await say('token', 'ana')).toMatch(/^1 error: ana is deactivated/)
  expect(await say('user', 'list')).toMatch(/^ana +pharmacist +no +ana@uzima.invalid/m)
  expect(await say('user', 'erase', 'root', '--yes')).toMatch(/^1 error: The user is active/)
  expect(await say('user', 'erase', 'ana')).toMatch(/^1 error: This cannot be undone.*--yes/)
  const data = JSON.parse((await cli.run(['user', 'data', 'ana'])).stdout) as Erased
  expect(data.tables['users']).toMatchObject([{ username: 'ana' }])
  expect(await say('user', 'erase', 'ana', '--reason', 'asked for it', '--yes')).toMatch(
    /^0 ana is erased: \d+ rows lost a personal text\.\n$/,
  )
  const list = (await cli.run(['user', 'erasures', '--json'])).stdout
  expect(JSON.parse(list)).toMatchObject({ userId: data.userId, reason: 'asked for it' })
  const file = join(cli.dataDir, 'erasures.jsonl')
  await writeFile(file, `${list}{"userId":"00000000-0000-4000-8000-000000000000"}\n`)
  expect(await say('user', 'erase', '--again', file)).toMatch(/^0 1 of 2 people of the list/)
  await rm(file)
  expect(await say('user', 'role', 'ghost', 'admin')).toMatch(/^1 error: No user is called ghost/)
  expect(await say('audit', 'verify')).toMatch(/^0 .*every link holds/)
  expect(await say('audit', 'list')).toMatch(/^0 AT +OUTCOME/)
  expect(JSON.parse((await cli.run(['token', 'root', '--json'])).stdout)).toEqual({
    token: expect.stringMatching(/^eyJ/),
    expiresAt: expect.stringMatching(/Z$/),
  })
})

const openData = (): Promise<Database> =>
  createPglite({
    dataDir: join(cli.dataDir, 'pglite'),
    onHung: (error) => {
      throw error
    },
  })

it('tells what differs from the lots, and mends it', async () => {
  const database = await openData()
  await database.script(`
    insert into inventory_items (sku, name) values ('a', 'A');
    insert into inventory_lots values ('a', 'L', 7, '2040-01-01');
    set session_replication_role = replica;
    delete from inventory_lots;
    insert into inventory_lots values ('nobody', 'L', 3, '2040-01-01');
    reset session_replication_role`)
  await expect(cli.run(['stock', 'mend'])).resolves.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error: The data folder .* is in use by process \d+\. Stop .* for itself\./,
    ),
  })
  await database.close()

  const told = /^a: total_quantity is 7, should be 0$/m
  const check = await cli.run(['stock', 'check'])
  expect(check.stdout).toMatch(told)
  expect(check).toMatchObject({
    code: 1,
    stderr: 'error: 8 differences; uzima stock mend mends them.\n',
  })
  const mend = await cli.run(['stock', 'mend'])
  expect(mend.stdout).toMatch(told)
  expect(mend.stdout).toMatch(/^nobody: item is not there, should be there$/m)
  expect(mend.stdout).toMatch(/^Mended 8 differences\.$/m)
  expect(await cli.run(['stock', 'check'])).toMatchObject({
    code: 0,
    stdout: 'Totals, alerts and expiries are what the lots say.\n',
  })
})

it('shows the log, gives it a new name, and writes out what is kept', async () => {
  const database = await openData()
  await database.script(`
    select set_config('uzima.reason', '=1+1', false);
    insert into inventory_items (sku, name) values ('z', 'Z');
    insert into inventory_lots values ('z', 'L', 7, '2040-01-01')`)
  await database.close()

  const head = JSON.parse((await cli.run(['log', 'head', '--json'])).stdout) as {
    seq: number
    epoch: string
  }
  const log = (await cli.run(['export', 'log'])).stdout.trim().split('\n')
  expect(log.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(
    Array.from({ length: head.seq }, (_, index) => index + 1),
  )
  const { epoch } = JSON.parse((await cli.run(['log', 'epoch', '--new', '--json'])).stdout) as {
    epoch: string
  }
  expect(epoch).not.toBe(head.epoch)
  expect(await cli.run(['log', 'epoch'])).toMatchObject({ stdout: `${epoch}\n` })

  const csv = (await cli.run(['export', 'movements', '--format', 'csv'])).stdout
  expect(csv).toMatch(
    /^id,seq,at,sku,type,delta,before,after,lots,actor,reason\n(?:.*\n)*\d+,\d+,[^,]+,z,/,
  )
  expect(csv).toMatch(/,"\[\{.*""lotNumber"":""L"".*\}\]",[^,]+,'=1\+1\n$/)
  const none = await cli.run(['export', 'movements', '--until', '2020-01-01'])
  expect(none).toMatchObject({ code: 0, stdout: '' })
  expect(await cli.run(['export', 'connections', '--format', 'csv'])).toMatchObject({
    stdout: expect.stringMatching(/^id,at,outcome,.*,hash,salt,textsHash\n$/),
  })
})

it('is examined by the doctor, who changes no file', async () => {
  const files = async (): Promise<string[]> => {
    const entries = await readdir(cli.dataDir, { recursive: true, withFileTypes: true })
    return Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map(async ({ parentPath, name }) => {
          const path = join(parentPath, name)
          const hash = createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
          return `${path} ${hash} ${(await stat(path)).mtimeMs.toString()}`
        }),
    )
  }
  const before = await files()
  const { code, stdout } = await cli.run(['doctor', '--json'])
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: object[] }
  expect({ code, ok }).toEqual({ code: 0, ok: true })
  expect(findings).toContainEqual({
    check: 'database',
    level: 'ok',
    says: expect.stringMatching(/^embedded, .* whole/),
  })
  expect(await files()).toEqual(before)

  const { bavail, bsize } = await statfs(cli.dataDir)
  const data = Array.from({ length: 240 }, (_, hoursAgo) => {
    const free = bavail * bsize * (1 + hoursAgo / 24 / 10)
    return { at: Date.now() - hoursAgo * 3_600_000, free, spare: free }
  })
  expect(findings).toContainEqual(
    expect.objectContaining({ check: 'disk', says: expect.stringMatching(/known after two days/) }),
  )
  await writeFile(join(cli.dataDir, 'disks.json'), JSON.stringify({ data }))
  expect((await cli.run(['doctor'])).stdout).toMatch(
    /^warn {2}disk +.* free on the disk of DATA_DIR; it loses .* a day, so that it is full in (?:8|9|10|11) days\. Free/m,
  )

  await rm(join(cli.dataDir, 'pglite', 'global', 'pg_control'))
  const damaged = await cli.run(['doctor'])
  expect(damaged.stdout).toMatch(
    /^fail {2}database +The database in .* is damaged: .* from a backup/m,
  )
  expect(damaged).toMatchObject({
    code: 1,
    stderr: 'error: 1 check fails; each line says what to do.\n',
  })
})
