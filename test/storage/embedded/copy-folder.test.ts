import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backUpStore } from '../../../src/storage/backup.js'
import { copyFolder } from '../../../src/storage/embedded/copy-folder.js'
import { createPglite } from '../../../src/storage/pglite.js'
import { times } from '../../support/long.js'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'uzima-copy-'))
})
afterEach(() => rm(parent, { recursive: true }))

const open = (dataDir: string) => createPglite({ dataDir, onHung: () => undefined })

const ACCOUNTS = 200
const TOTAL = 100 * ACCOUNTS

describe('copyFolder', () => {
  it(
    'gives one moment, with all that was acknowledged before, while rows are written and checkpoints made',
    { timeout: 600_000 },
    async () => {
      const folder = join(parent, 'data')
      await mkdir(folder)
      const database = await open(folder)
      let acknowledged = 0
      let stopped = false
      let disturbs = false
      try {
        await database.script(
          `create table accounts (id integer primary key, amount integer not null, filler text not null);
         insert into accounts select n, 100, repeat(md5(n::text), 40) from generate_series(1, ${ACCOUNTS.toString()}) as n;
         create table done (n integer primary key);
         checkpoint`,
        )
        const write = async (): Promise<void> => {
          for (let n = acknowledged + 1; !stopped; n += 1) {
            await database.transaction(async (tx) => {
              const [from, to] = [(n * 7) % ACCOUNTS, (n * 13 + 1) % ACCOUNTS]
              await tx.query('update accounts set amount = amount - 1 where id = $1 + 1', [from])
              await tx.query('update accounts set amount = amount + 1 where id = $1 + 1', [to])
              await tx.query('insert into done values ($1)', [n])
            })
            acknowledged = n
            if (disturbs) await database.script('checkpoint')
            disturbs = false
            // Leaves the copying some of this process.
            await delay(2)
          }
        }
        for (let round = 0; round < times(1, 20); round += 1) {
          const before = acknowledged
          const copy = join(parent, `copy-${round.toString()}`)
          stopped = false
          // Comes into its first try.
          disturbs = true
          const writing = write()
          await copyFolder(folder, copy)
          stopped = true
          await writing
          const opened = await open(copy)
          try {
            const [found] = await opened.query<{ total: number; newest: number; rows: number }>(
              `select (select sum(amount)::int from accounts) as total,
               coalesce(max(n), 0) as newest, count(*) as rows from done`,
            )
            expect(found?.total).toBe(TOTAL)
            expect(found?.rows).toBe(found?.newest)
            expect(found?.newest).toBeGreaterThanOrEqual(before)
            expect(found?.newest).toBeLessThanOrEqual(acknowledged)
          } finally {
            await opened.close()
          }
        }
        expect(acknowledged).toBeGreaterThan(0)

        const checkpoints = new AbortController()
        const checkpointing = (async () => {
          while (!checkpoints.signal.aborted) {
            await database.script('checkpoint')
            await setImmediate()
          }
        })()
        await expect(copyFolder(folder, join(parent, 'never'), 1)).rejects.toThrow(/written faster/)
        checkpoints.abort()
        await checkpointing
      } finally {
        stopped = true
        await database.close()
      }
      expect(await readdir(parent)).not.toContain('never')
    },
  )
})

describe('backUpStore', () => {
  it('says where there is no database, and copies none into itself', async () => {
    const copy = (target: string) => backUpStore(parent, target, () => undefined)
    await expect(copy(join(parent, 'a'))).rejects.toThrow(/There is no database in .*pglite/)
    await expect(copy(join(parent, 'pglite', 'a'))).rejects.toThrow(/inside of the database/)
    expect(await readdir(parent)).toEqual([])
  })
})
