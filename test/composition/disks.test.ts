import { mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createBase, type Base } from '../../src/composition/base.js'
import { watchDisks } from '../../src/composition/disks.js'
import { createReleases, type Releases } from '../../src/composition/releases.js'
import { loadConfig } from '../../src/config/load.js'

const HOUR = 3_600_000
const LOOK_EVERY_MS = 600_000

let folder: string
let lines: string[]
let releases: Releases

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-disks-'))
  lines = []
  releases = createReleases()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await releases.run()
  await rm(folder, { recursive: true, force: true })
})

const start = (dataDir = folder): Base => {
  const config = loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
  const base = createBase(config, releases, { write: (line) => lines.push(line) })
  watchDisks(base)
  return base
}

/** Leaves in the folder what a server has measured that ran there for ten days, in which the disk lost so much a day. */
const lostPerDay = async (share: number): Promise<void> => {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const data = Array.from({ length: 240 }, (_, hour) => {
    const was = free + free * share * ((240 - hour) / 24)
    return { at: Date.now() - (240 - hour) * HOUR, free: was, spare: was }
  })
  await writeFile(join(folder, 'disks.json'), JSON.stringify({ data }))
}

const gauge = async ({ metrics }: Base, name: string): Promise<string | undefined> =>
  new RegExp(`^${name}\\{disk="data"\\} (\\S+)$`, 'm').exec(await metrics.render())?.[1]

const kept = async (): Promise<number> => {
  const { data } = JSON.parse(await readFile(join(folder, 'disks.json'), 'utf8')) as {
    data: unknown[]
  }
  return data.length
}

it('a disk that fills is told of over a restart, with the days that are left, once a day', async () => {
  await lostPerDay(1 / 20)
  const base = start()
  await expect.poll(() => lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    disk: 'data',
    daysLeft: expect.toSatisfy((days: number) => days > 15 && days < 25),
  })
  expect(Number(await gauge(base, 'uzima_disk_days_left'))).toBeCloseTo(20, -1)
  expect(Number(await gauge(base, 'uzima_disk_free_bytes'))).toBeGreaterThan(0)
  await expect.poll(kept).toBe(241)

  let looks = 1
  while (lines.length < 2) {
    await vi.advanceTimersByTimeAsync(LOOK_EVERY_MS)
    // The look is the file system's.
    await delay(1)
    looks += 1
    expect(looks).toBeLessThan(10_000)
  }
  expect(looks).toBeGreaterThanOrEqual(144)
})

it('nothing is told of a disk that stays as it is, nor of one that nobody has measured yet', async () => {
  const base = start()
  await expect.poll(() => gauge(base, 'uzima_disk_free_bytes')).toBeDefined()
  expect(await gauge(base, 'uzima_disk_days_left')).toBeUndefined()
  await expect.poll(kept).toBe(1)

  await lostPerDay(-1 / 20)
  const next = start()
  await expect.poll(() => gauge(next, 'uzima_disk_days_left')).toBe('+Inf')
  expect(lines).toEqual([])
})

it('where there is no folder to remember it in, the disk is measured all the same', async () => {
  const base = start(join(folder, 'missing'))
  await expect.poll(() => gauge(base, 'uzima_disk_free_bytes')).toBeDefined()
  expect(lines).toEqual([])
})
