import pg from 'pg'
import type { DatabaseServer } from '../config/database-url.js'

/** The servers of DATABASE_URL that stand in for each other: one is in use until it fails, then the next. */
export interface Hosts {
  /** A client that connects to the server in use. */
  readonly Client: new (config?: pg.ClientConfig) => pg.Client
  /** A connection of `pool`, tried on each server once; rejects with what the last one said. */
  readonly connect: (pool: pg.Pool) => Promise<pg.PoolClient>
}

/** Begins with the first of `servers`. */
export const createHosts = (servers: readonly [DatabaseServer, ...DatabaseServer[]]): Hosts => {
  let [inUse] = servers

  /** Several connections find at once that a server has failed; only the first moves on. */
  const leave = (failed: DatabaseServer): void => {
    if (inUse !== failed) return
    inUse = servers[(servers.indexOf(failed) + 1) % servers.length] ?? failed
  }

  const connect = async (pool: pg.Pool): Promise<pg.PoolClient> => {
    for (let tries = 1; ; tries += 1) {
      const tried = inUse
      try {
        return await pool.connect()
      } catch (error) {
        leave(tried)
        if (tries >= servers.length) throw error
      }
    }
  }

  class Client extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionString: inUse.url })
    }
  }

  return { Client, connect }
}
