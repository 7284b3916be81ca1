import fc from 'fast-check'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  addToHistory,
  readDiskHistory,
  writeDiskHistory,
  type DiskHistory,
} from '../../../src/storage/disk/history.js'

const HOUR = 3_600_000
const EMPTY: DiskHistory = { data: [], copies: [] }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-disks-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The history after looks at these times, each of which found as much free as its number. */
const looked = (times: readonly number[]): DiskHistory =>
  times.reduce(
    (history, at, free) => addToHistory(history, [{ name: 'data', free, spare: free }], at),
    EMPTY,
  )

describe('what is remembered of the disks', () => {
  it('is one look of each hour, and no more than fourteen days of them', () => {
    const looks = Array.from({ length: 20 * 24 * 6 }, (_, look) => (look * HOUR) / 6)
    const { data } = looked(looks)
    expect(data).toHaveLength(14 * 24)
    expect(data.every(({ at }, index) => at - (data[index - 1]?.at ?? at - HOUR) === HOUR)).toBe(
      true,
    )
    expect(data.at(-1)?.at).toBe(20 * 24 * HOUR - HOUR)
  })

  it('is not forgotten for a clock that is wrong, whichever way, and does not grow with starts', () => {
    const start = Date.UTC(2030, 0, 1)
    const wrong = fc.array(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), { maxLength: 20 })
    fc.assert(
      fc.property(wrong, (others) => {
        const right = Array.from({ length: 100 }, (_, hour) => start + hour * HOUR)
        const { data } = looked([...right, ...others])
        expect(data.slice(0, 100).map(({ at }) => at)).toEqual(right)
        expect(looked([...right, ...right.slice(-1), ...right.slice(-1)]).data).toHaveLength(100)
      }),
    )
  })

  it('comes back as it was, for the owner of the file alone, with nothing left beside it', async () => {
    const history = addToHistory(looked([HOUR]), [{ name: 'copies', free: 7, spare: -9 }], HOUR)
    await writeDiskHistory(folder, history)
    await writeDiskHistory(folder, history)
    expect(await readDiskHistory(folder)).toEqual(history)
    expect(await readdir(folder)).toEqual(['disks.json'])
  })

  it('is nothing where the file is cut off, is no such file, or is not there', async () => {
    const file = join(folder, 'disks.json')
    await writeDiskHistory(folder, looked([HOUR]))
    const whole = await readFile(file)
    for (let length = whole.length - 1; length >= 0; length -= 1) {
      await truncate(file, length)
      expect(await readDiskHistory(folder)).toEqual(EMPTY)
    }
    for (const text of ['null', '[]', '{"data":7}', '{"data":[{"at":"now"}]}', '\0\0\0']) {
      await writeFile(file, text)
      expect(await readDiskHistory(folder)).toEqual(EMPTY)
    }
    await rm(file)
    expect(await readDiskHistory(folder)).toEqual(EMPTY)
  })
})
