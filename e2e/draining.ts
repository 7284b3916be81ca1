import { expect } from 'vitest'
import type { Queryable } from '../src/storage/database.js'
import type { RunningServer } from '../test/support/server.js'
import type { Exit } from '../test/support/server-process.js'
import { signToken } from './rig/tokens.js'
import { addUsers } from './rig/users.js'
import type { Follower } from './rig/stock-follower.js'

/** What of a database these tests ask. */
export type Sql = Pick<Queryable, 'query'>

/** Settings of a node that takes many connections of one user. */
export const settingsWith = (
  secret: string,
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
) => ({
  JWT_SECRET: secret,
  DATABASE_URL: databaseUrl,
  MAX_CONNECTIONS_PER_USER: '1000',
  ...more,
})

/** Makes users and resolves to a token of each. */
export const tokensOf = async (secret: string, sql: Sql, count: number): Promise<string[]> => {
  const users = await addUsers(sql, count, 'inventory_manager')
  return users.map((id) => signToken(secret, id))
}

/** Tells a node to end, and waits until it is gone. */
export const terminate = (server: RunningServer): Promise<Exit> => {
  server.signal('SIGTERM')
  return server.exited
}

/** Resolves when each has connected so many times. */
export const allConnected = (followers: readonly Follower[], times: number): Promise<void> =>
  expect.poll(() => followers.filter((follower) => follower.connects() < times).length).toBe(0)
