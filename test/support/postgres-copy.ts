import { chown, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { serverOwner } from './server-process.js'

/** What belongs to the running server, or would be taken for it. */
const NOT_COPIED = new Set(['postmaster.pid', 'postmaster.opts', 'pg_replslot', 'standby.signal'])
const MAJOR_15 = 150_000

/**
 * Copies the folder of a running server, in backup mode, into one from which a standby of it can start. By hand, because
 * `pg_basebackup` is not among the binaries that are fetched where none are installed.
 */
export const copyForStandby = async (url: string, dataDir: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const ask = async (sql: string): Promise<string> => {
      const { rows } = await client.query<{ value: string }>(sql)
      return rows[0]?.value ?? ''
    }
    const version = Number(await ask(`select current_setting('server_version_num') as value`))
    const source = await ask(`select current_setting('data_directory') as value`)
    const isOld = version < MAJOR_15
    await ask(
      isOld
        ? `select pg_start_backup('standby', true, false)::text as value`
        : `select pg_backup_start('standby', true)::text as value`,
    )
    await copyFolder(source, dataDir)
    const label = await ask(
      `select labelfile as value from ${isOld ? 'pg_stop_backup(false, false)' : 'pg_backup_stop(false)'}`,
    )
    await mkdir(join(dataDir, 'pg_replslot'), { mode: 0o700 })
    await own(join(dataDir, 'pg_replslot'))
    for (const [name, text] of [
      ['backup_label', label],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(join(dataDir, name), text, { mode: 0o600 })
      await own(join(dataDir, name))
    }
  } finally {
    await client.end()
  }
}

const copyFolder = async (from: string, to: string): Promise<void> => {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (NOT_COPIED.has(entry.name)) continue
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    try {
      if (entry.isDirectory()) {
        await mkdir(target, { mode: 0o700 })
        await own(target)
        await copyFolder(source, target)
      } else if (entry.isFile()) {
        await copyFile(source, target)
        await own(target)
      }
    } catch (error) {
      // Files come and go while it works; what the log says of them is done again by the standby.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

const own = async (path: string): Promise<void> => {
  const { uid, gid } = serverOwner
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
}
