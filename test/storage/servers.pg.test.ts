import { mkdtemp, rm, chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openDatabase } from '../../src/storage/open.js'
import { startPostgres } from '../support/postgres-server.js'
import { freePort, serverTmpDir } from '../support/server-process.js'
import { startTransactionPooler } from '../support/transaction-pooler.js'
import { runAlone } from '../support/databases.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'

const onServer = itPostgresOnly('needs servers')
const quiet = { onError: () => undefined, onHung: () => undefined }

onServer('several hosts are tried in order, and one that only reads is passed over', async () => {
  await using one = await startPostgres()
  await using two = await startPostgres()
  const closed = await freePort()
  const hosts = [closed, one.port, two.port].map((port) => `127.0.0.1:${port.toString()}`)
  const databaseUrl = `postgres://uzima@${hosts.join(',')}/postgres?target_session_attrs=read-write`
  const database = await openDatabase({ databaseUrl, dataDir: '' }, quiet)
  const serves = async (): Promise<unknown> => {
    const [row] = await database.query<{ port: string }>(`select current_setting('port') as port`)
    return Number(row?.port)
  }
  try {
    expect(await serves()).toBe(one.port)
    // The first becomes a server that only reads: whoever writes moves on to the other.
    await runAlone(one.url(), 'alter system set default_transaction_read_only = on')
    await runAlone(one.url(), 'select pg_reload_conf()')
    const write = (): Promise<unknown> =>
      database.transaction((tx) => tx.query('create table if not exists written (n integer)'))
    await expect
      .poll(async () => {
        await write()
        return serves()
      })
      .toBe(two.port)
    await one.kill9()
    expect(await serves()).toBe(two.port)
  } finally {
    await database.close()
  }
})

onServer('the folder of a socket is found by ?host=', async () => {
  const folder = await mkdtemp(join(serverTmpDir, 'uzima-socket-'))
  await chmod(folder, 0o777)
  await using server = await startPostgres({ settings: { unix_socket_directories: folder } })
  const databaseUrl = `postgres://uzima@/postgres?host=${folder}&port=${server.port.toString()}`
  const database = await openDatabase({ databaseUrl, dataDir: '' }, quiet)
  try {
    expect(await database.query('select inet_server_addr() is null as by_socket')).toEqual([
      { by_socket: true },
    ])
  } finally {
    await database.close()
    await rm(folder, { recursive: true })
  }
})

onServer('a pooler in transaction mode is refused at the start, with its cure', async () => {
  await using database = await createTestDatabase()
  const { hostname, port, username, pathname } = new URL(database.url ?? '')
  expect(hostname).toMatch(/^(?:127\.0\.0\.1|localhost)$/)
  const target = { port: Number(port), user: username, database: pathname.slice(1) }
  await using pooler = await startTransactionPooler(target)
  const databaseUrl = `postgres://${username}@127.0.0.1:${pooler.port.toString()}${pathname}`
  await expect(openDatabase({ databaseUrl, dataDir: '' }, quiet)).rejects.toThrow(
    /^DATABASE_URL: a pooler between gives each transaction another session.*pool_mode = session/,
  )
})
