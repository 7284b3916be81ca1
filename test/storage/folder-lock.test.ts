import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { FolderInUseError, lockFolder } from '../../src/storage/folder-lock.js'
import { createPglite } from '../../src/storage/pglite.js'

interface Place {
  readonly folder: string
  readonly parent: string
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const makePlace = async (): Promise<Place> => {
  const parent = await mkdtemp(join(tmpdir(), 'uzima-lock-'))
  return {
    parent,
    folder: join(parent, 'data'),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  }
}

/** A process that lives until it is killed. */
const startSleeper = (): ReturnType<typeof spawn> =>
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })

const identityOf = async (pid: number): Promise<string> => {
  const stat = await readFile(`/proc/${pid.toString()}/stat`, 'utf8').catch(() => '')
  return `${pid.toString()} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`
}

describe('lockFolder', () => {
  it('refuses the folder a second time in the same process, and gives it again after release', async () => {
    await using place = await makePlace()
    const lock = await lockFolder(place.folder)
    await expect(lockFolder(place.folder)).rejects.toThrow(FolderInUseError)
    await lock.release()
    await (await lockFolder(place.folder)).release()
  })

  it('gives the folder to one of many that ask at once', async () => {
    await using place = await makePlace()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => lockFolder(place.folder)),
    )
    const refusals = outcomes.flatMap((o): unknown[] => (o.status === 'rejected' ? [o.reason] : []))
    expect(refusals).toHaveLength(19)
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(FolderInUseError)
    expect((await readdir(place.parent)).sort()).toEqual(['data', 'data.lock'])
  })

  it('knows the folder by every name it has', async () => {
    await using place = await makePlace()
    const lock = await lockFolder(place.folder)
    await symlink(place.folder, join(place.parent, 'alias'))
    for (const name of [
      `${place.folder}/`,
      `${place.folder}/../data`,
      join(place.parent, 'alias'),
    ]) {
      await expect(lockFolder(name), name).rejects.toThrow(FolderInUseError)
    }
    await lock.release()
  })

  it('refuses a folder that another living process holds, and names it', async () => {
    await using place = await makePlace()
    const holder = startSleeper()
    try {
      const pid = holder.pid ?? 0
      await writeFile(`${place.folder}.lock`, await identityOf(pid))
      await expect(lockFolder(place.folder)).rejects.toThrow(
        new RegExp(`in use by process ${pid.toString()}.*DATA_DIR`),
      )
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
  })

  it('takes over the lock of a process that is gone', async () => {
    await using place = await makePlace()
    const holder = startSleeper()
    await once(holder, 'spawn')
    await writeFile(`${place.folder}.lock`, await identityOf(holder.pid ?? 0))
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await (await lockFolder(place.folder)).release()
  })

  it('takes over a lock whose process number was given to another process since', async () => {
    await using place = await makePlace()
    // Only where /proc tells when a process started can the two be told apart.
    const [, startTicks] = (await identityOf(process.pid)).split(' ')
    if (startTicks === '') return
    await writeFile(`${place.folder}.lock`, `${process.pid.toString()} 1`)
    await (await lockFolder(place.folder)).release()
  })

  it('takes over a lock from before the machine was started', async () => {
    await using place = await makePlace()
    const mine = await identityOf(process.pid)
    if (mine.endsWith(' ')) return
    await writeFile(`${place.folder}.lock`, `${mine} another-boot`)
    await (await lockFolder(place.folder)).release()
  })

  it('takes over a lock that a crash left empty', async () => {
    await using place = await makePlace()
    await writeFile(`${place.folder}.lock`, '')
    await (await lockFolder(place.folder)).release()
  })
})

describe('createPglite', () => {
  it('refuses a folder that is open already, and keeps the rows over a close', async () => {
    await using place = await makePlace()
    await mkdir(place.folder)
    const onHung = (): void => undefined
    const first = await createPglite({ dataDir: place.folder, onHung })
    await expect(createPglite({ dataDir: place.folder, onHung })).rejects.toThrow(FolderInUseError)
    await first.script('create table t (n integer); insert into t values (7)')
    await first.close()
    await first.close()
    const second = await createPglite({ dataDir: place.folder, onHung })
    expect(await second.query('select n from t')).toEqual([{ n: 7 }])
    await second.close()
  })

  it('reports a query that does not settle', async () => {
    const onHung = vi.fn()
    const database = await createPglite({ hangTimeoutMs: 50, onHung })
    const release = new EventEmitter()
    const held = database.transaction(() => once(release, 'now'))
    const queued = database.query('select 1')
    await expect.poll(() => onHung).toHaveBeenCalledTimes(2)
    expect(onHung).toHaveBeenCalledWith(
      new Error('The embedded database has not answered for 50 ms.'),
    )
    release.emit('now')
    await Promise.all([held, queued])
    await database.close()
  })
})
