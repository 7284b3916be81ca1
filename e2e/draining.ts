import { expect } from 'vitest'
import type { ChildServer, Exit } from './child-server.js'
import { signToken } from './faults/rig/tokens.js'
import type { Follower } from './stock-follower.js'

/** What of a database these tests ask. */
export interface Sql {
  readonly query: <Row>(sql: string) => Promise<Row[]>
}

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
  const users = await sql.query<{ id: string }>(
    `insert into users (username, email, role)
     select 'user-' || n, 'user-' || n || '@example.org', 'inventory_manager'
     from generate_series(1, ${count.toString()}) as n returning id`,
  )
  return users.map(({ id }) => signToken(secret, id))
}

/** Tells a node to end, and waits until it is gone. */
export const terminate = (server: ChildServer): Promise<Exit> => {
  server.signal('SIGTERM')
  return server.exited
}

/** Resolves when each has connected so many times. */
export const allConnected = (followers: readonly Follower[], times: number): Promise<void> =>
  expect.poll(() => followers.filter((follower) => follower.connects() < times).length).toBe(0)
