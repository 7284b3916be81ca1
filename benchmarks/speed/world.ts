import { randomBytes } from 'node:crypto'
import { runAlone, withDatabase } from '../../test/support/databases.js'
import { startPostgres } from '../../test/support/postgres-server.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { signToken } from '../../e2e/rig/tokens.js'
import { separateCores, type Cores } from './cores.js'

/** When a token was made, and for how long; by default now, for hours. */
export interface TokenTimes {
  readonly issuedAt?: number
  readonly lifetimeMs?: number
}

/** What all servers under test share. */
export interface World {
  readonly cores: Cores
  readonly secret: string
  /** Makes a database; resolves to its address. */
  readonly createDatabase: () => Promise<string>
  /** A token that every server under test takes. */
  readonly tokenFor: (userId: string, times?: TokenTimes) => string
}

/** Makes a world of processors and databases that are there. */
export const createWorld = (given: Pick<World, 'cores' | 'createDatabase'>): World => {
  const secret = randomBytes(48).toString('base64url')
  return {
    ...given,
    secret,
    tokenFor: (userId, times = {}) =>
      // Centrifugo reads who it is from `sub`, and where he is subscribed from `channels`.
      signToken(secret, userId, { ...times, claims: { sub: userId, channels: ['stock'] } }),
  }
}

/** A world with a PostgreSQL of its own, fsync on, and the processors divided. */
export interface OwnWorld extends World, AsyncDisposable {
  readonly postgresVersion: string
  readonly postgresPid: number
}

export const startWorld = async (): Promise<OwnWorld> => {
  // First, because children inherit it.
  const cores = separateCores()
  const postgres = await startPostgres({ fsync: true })
  const asked = createPostgres({ url: postgres.url(), poolSize: 1, onError: () => undefined })
  const [found] = await asked.query<{ server_version: string }>('show server_version')
  await asked.close()
  let databases = 0
  const createDatabase = async (): Promise<string> => {
    databases += 1
    const name = `bench_${String(databases)}`
    await runAlone(postgres.url(), `create database ${name}`)
    return withDatabase(postgres.url(), name)
  }
  return {
    ...createWorld({ cores, createDatabase }),
    postgresVersion: found?.server_version.split(' ')[0] ?? '',
    postgresPid: postgres.pid(),
    [Symbol.asyncDispose]: postgres[Symbol.asyncDispose],
  }
}
