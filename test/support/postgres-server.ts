import { execFile } from 'node:child_process'
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { findPostgres } from './postgres-binaries.js'
import { copyForStandby } from './postgres-copy.js'
import {
  freePort,
  serverOwner,
  serverTmpDir,
  startGuard,
  startServerProcess,
  type ServerProcess,
} from './server-process.js'

/** A PostgreSQL server of our own, on a free port of loopback, in a temporary folder. */
export interface PostgresServer {
  /** The URL of a database of this server, by default the always present `postgres`. */
  readonly url: (database?: string) => string
  readonly port: number
  readonly dataDir: string
  /** The process id of the postmaster; another one after `restart()`. */
  readonly pid: () => number
  /** Kills the postmaster; the folder stays for `restart()`, which replays the log. */
  readonly kill9: () => Promise<void>
  /** Starts again on the same folder and port, after a clean stop if it still runs. */
  readonly restart: () => Promise<void>
  /** Stops at once and removes the folder. */
  readonly stop: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** How `startPostgres` sets up its server. */
export interface PostgresServerOptions {
  /** Whether commits survive a power cut, at the cost of speed; all survive `kill9()`. Default false. */
  readonly fsync?: boolean
  /** Further settings of the server, such as `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Begins as a copy of the server on this port, which it then follows under the name `standby`, read-only until promoted. */
  readonly standbyOf?: number
}

const USER = 'uzima'
const START_TIMEOUT_MS = 30_000
const run = promisify(execFile)

/**
 * Starts a PostgreSQL server of our own and waits until it answers.
 *
 * @throws with the command that installs PostgreSQL when there is none
 */
export const startPostgres = async (
  options: PostgresServerOptions = {},
): Promise<PostgresServer> => {
  const { binDir, temporaryCopy } = await findPostgres()
  const folder = await mkdtemp(join(serverTmpDir, 'uzima-postgres-'))
  const dataDir = join(folder, 'data')
  await mkdir(dataDir, { mode: 0o700 })
  if (serverOwner.uid !== undefined && serverOwner.gid !== undefined) {
    await chown(folder, serverOwner.uid, serverOwner.gid)
    await chown(dataDir, serverOwner.uid, serverOwner.gid)
  }
  if (options.standbyOf === undefined) {
    const initdbArgs = ['-D', dataDir, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']
    await run(join(binDir, 'initdb'), initdbArgs, { cwd: folder, ...serverOwner })
  } else {
    await copyForStandby(urlOf(options.standbyOf, 'postgres'), dataDir)
  }
  const port = await freePort()
  const url = (database = 'postgres') => urlOf(port, database)
  const guard = startGuard(folder)

  const start = async (): Promise<ServerProcess> => {
    const args = ['-D', dataDir, '-p', String(port), ...serverSettings(options)]
    const deadline = Date.now() + START_TIMEOUT_MS
    for (;;) {
      const options = { cwd: folder, guard, owner: serverOwner }
      const started = startServerProcess(join(binDir, 'postgres'), args, options)
      const problem = await answers(url(), started, deadline)
      if (problem === undefined) return started
      // After kill -9 the orphaned backends hold the shared memory until they notice.
      if (!started.output().includes('shared memory') || Date.now() > deadline) throw problem
      await delay(50)
    }
  }

  let server = await start()

  const stop = async (): Promise<void> => {
    await server.end('SIGINT')
    await guard.release()
    await rm(folder, { recursive: true, force: true })
    if (temporaryCopy !== undefined) await rm(temporaryCopy, { recursive: true, force: true })
  }

  return {
    url,
    port,
    dataDir,
    pid: () => server.pid,
    kill9: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGINT')
      server = await start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const urlOf = (port: number, database: string): string =>
  `postgres://${USER}@127.0.0.1:${String(port)}/${database}`

const serverSettings = (options: PostgresServerOptions): string[] => {
  const durable = (options.fsync ?? false) ? 'on' : 'off'
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    timezone: 'UTC',
    fsync: durable,
    full_page_writes: durable,
    ...(options.standbyOf === undefined
      ? {}
      : {
          primary_conninfo: `host=127.0.0.1 port=${String(options.standbyOf)} user=${USER} application_name=standby`,
        }),
    ...options.settings,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Waits until the server takes a query; after kill -9 it first replays its log. */
const answers = async (
  url: string,
  server: ServerProcess,
  deadline: number,
): Promise<Error | undefined> => {
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('select 1')
      return undefined
    } catch (cause) {
      if (server.hasExited())
        return new Error(`PostgreSQL did not start: ${server.output()}`, { cause })
      if (Date.now() > deadline) {
        await server.end('SIGKILL')
        return new Error(`PostgreSQL did not answer in 30 s: ${server.output()}`, { cause })
      }
      await delay(25)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}
