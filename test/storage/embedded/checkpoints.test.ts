import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keepLogShort } from '../../../src/storage/embedded/checkpoints.js'
import { createPglite } from '../../../src/storage/pglite.js'

const MiB = 1_048_576

it('keeps short what recovery has to read, for as long as it is told to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-checkpoints-'))
  const database = await createPglite({
    dataDir: join(folder, 'data'),
    onHung: () => undefined,
  })
  const sinceCheckpoint = async (): Promise<number> => {
    const [row] = await database.query<{ bytes: number }>(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::bigint as bytes from pg_control_checkpoint()`,
    )
    return row?.bytes ?? NaN
  }
  const write = () =>
    database.query('insert into t select repeat(md5(n::text), 50) from generate_series(1, 2000) n')
  try {
    await database.script('create table t (text text); alter table t alter text set storage plain')
    await write()
    expect(await sinceCheckpoint()).toBeGreaterThan(2 * MiB)

    const stop = keepLogShort(database, { everyMs: 20, limitBytes: 2 * MiB })
    await expect.poll(sinceCheckpoint).toBeLessThan(2 * MiB)
    await write()
    await expect.poll(sinceCheckpoint).toBeLessThan(2 * MiB)
    stop()
  } finally {
    await database.close()
    await rm(folder, { recursive: true })
  }
}, 60_000)
