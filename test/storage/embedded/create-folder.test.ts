import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFolder } from '../../../src/storage/embedded/create-folder.js'
import { makeImage } from '../../../src/storage/embedded/image.js'
import { createPglite } from '../../../src/storage/pglite.js'

let shared: string
let parent: string
let folder: string

beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), 'uzima-image-test-'))
  await makeImage(imageNamed('whole'))
}, 60_000)
afterAll(() => rm(shared, { recursive: true }))

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'uzima-create-'))
  folder = join(parent, 'data')
  await mkdir(folder)
})
afterEach(() => rm(parent, { recursive: true }))

const imageNamed = (name: string): URL => pathToFileURL(join(shared, name))

/** What a database says that was made of `folder`. */
const answerOf = async (dataDir: string): Promise<unknown> => {
  const database = await createPglite({ dataDir, onHung: () => undefined })
  try {
    await database.script('create table t (n integer); insert into t values (7)')
    return await database.query('select n from t')
  } finally {
    await database.close()
  }
}

describe('createFolder', () => {
  it('copies the image, for this user only, and leaves nothing else', async () => {
    await createFolder(folder, imageNamed('whole'))
    expect(await readdir(parent)).toEqual(['data'])
    if (process.platform !== 'win32') expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await answerOf(folder)).toEqual([{ n: 7 }])
  }, 30_000)

  it('makes the same files without an image, or where it was cut short', async () => {
    const whole = await readFile(imageNamed('whole'))
    await writeFile(imageNamed('short'), whole.subarray(0, whole.length / 2))
    await createFolder(folder, imageNamed('short'))
    expect(await readdir(parent)).toEqual(['data'])

    const copy = join(parent, 'copy')
    await mkdir(copy)
    await createFolder(copy, imageNamed('whole'))
    const filesOf = async (path: string) => (await readdir(path, { recursive: true })).sort()
    expect(await filesOf(folder)).toEqual(await filesOf(copy))
    expect(await answerOf(folder)).toEqual([{ n: 7 }])
  }, 60_000)

  it('begins anew where an earlier start was cut off', async () => {
    await mkdir(join(parent, 'data.new', 'base'), { recursive: true })
    await writeFile(join(parent, 'data.new', 'PG_VERSION'), '18\n')
    await createFolder(folder, imageNamed('whole'))
    expect(await readdir(parent)).toEqual(['data'])
    expect(await answerOf(folder)).toEqual([{ n: 7 }])
  }, 30_000)

  it('does not touch a folder that holds something', async () => {
    await writeFile(join(folder, 'PG_VERSION'), '18\n')
    await createFolder(folder, imageNamed('whole'))
    expect(await readdir(folder)).toEqual(['PG_VERSION'])
  })
})
