import { runAlone, withDatabase } from '../../test/support/databases.js'
import { startPostgres, type PostgresServer } from '../../test/support/postgres-server.js'
import { startRedis, type RedisServer } from '../../test/support/redis-server.js'

/** A PostgreSQL with fsync on and a Redis, both of them our children. */
export interface Stores {
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  /** Makes an empty database; resolves to its address. */
  readonly createDatabase: (name: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** Starts both, PostgreSQL with these settings; or takes the one that is `given`, and stops it with the rest. */
export const startStores = async (
  settings: Readonly<Record<string, string>> = {},
  given?: PostgresServer,
): Promise<Stores> => {
  const postgres = given ?? (await startPostgres({ fsync: true, settings }))
  const redis = await startRedis().catch(async (error: unknown) => {
    await postgres.stop()
    throw error
  })
  return {
    postgres,
    redis,
    createDatabase: async (name) => {
      await runAlone(postgres.url(), `create database ${name}`)
      return withDatabase(postgres.url(), name)
    },
    stop: async () => {
      await redis.stop()
      await postgres.stop()
    },
  }
}
