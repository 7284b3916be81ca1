import { mkdir, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measureDisks } from '../../../src/storage/disk/measure.js'

/** A file system that most Linux machines have beside that of their temporary folder. */
const OTHER_DISK = '/dev/shm'
const MB = 1_000_000

let folder: string
let dataDir: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-measure-'))
  dataDir = join(folder, 'data')
  await mkdir(join(dataDir, 'pglite'), { recursive: true })
  await writeFile(join(dataDir, 'pglite', 'rows'), Buffer.alloc(3 * MB))
})
afterAll(() => rm(folder, { recursive: true }))

/** What the copies that are still to come take, of each disk. */
const toCome = (disks: Awaited<ReturnType<typeof measureDisks>>) =>
  disks.map(({ name, free, spare }) => [name, free - spare])

describe('the disks that are measured', () => {
  it('are that of DATA_DIR alone where no copies are kept, also before it is there', async () => {
    for (const each of [dataDir, join(folder, 'not', 'yet')]) {
      const disks = await measureDisks({ dataDir: each, backupDir: undefined, backupKeep: 14 })
      expect(toCome(disks)).toEqual([['data', 0]])
      const { bavail, bsize } = await statfs(folder)
      // Others use this disk, too.
      expect((disks[0]?.free ?? 0) / (bavail * bsize)).toBeCloseTo(1, 1)
    }
  })

  it('count copies that are yet to come, each as large as the database, on the disk of BACKUP_DIR', async () => {
    const backupDir = join(folder, 'copies')
    const settings = { dataDir, backupDir, backupKeep: 4 }
    expect(toCome(await measureDisks(settings))).toEqual([['data', 12 * MB]])
    for (const day of ['01', '02', '03', '04', '05']) {
      await mkdir(join(backupDir, `uzima-2026-01-${day}T00-00-00Z`), { recursive: true })
      const left = Math.max(4 - Number(day), 0)
      expect(toCome(await measureDisks(settings))).toEqual([['data', left * 3 * MB]])
    }
  })

  it('are two where BACKUP_DIR is on another one', async (context) => {
    const other = await stat(OTHER_DISK).catch(() => undefined)
    if (other === undefined || other.dev === (await stat(folder)).dev) {
      return context.skip(`${OTHER_DISK} is no other disk here.`)
    }
    const backupDir = join(OTHER_DISK, 'uzima-measure-not-there')
    const disks = await measureDisks({ dataDir, backupDir, backupKeep: 2 })
    expect(toCome(disks)).toEqual([
      ['data', 0],
      ['copies', 6 * MB],
    ])
  })
})
