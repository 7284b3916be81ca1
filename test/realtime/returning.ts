import type { Position } from '@uzima/contracts'
import type { TestApp, TestClient, TestUser } from '../support/app.js'

/** One commit with one entry. */
export const addItem = (app: TestApp, sku = 'A') =>
  app.database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])

/** One commit with so many entries. */
export const change = async (app: TestApp, count: number): Promise<void> => {
  await app.database.query(
    `insert into inventory_items (sku, name, threshold)
     select 'S' || n, 'Item ' || n, 0 from generate_series(1, $1) as n
     on conflict (sku) do update set name = excluded.name || ' ' || gen_random_uuid()`,
    [count],
  )
}

/** Numbers of the stock events that the client has received, in their order. */
export const seqsOf = (client: TestClient): number[] =>
  client.events.flatMap(({ event, data }) =>
    event.startsWith('inventory:') ? [data['seq'] as number] : [],
  )

/** Where its first `connected` put it. */
export const positionOf = (client: TestClient): Position =>
  client.of('connected')[0]?.['position'] as Position

/** Public entries after `seq`, by the table. */
export const dueAfter = async (app: TestApp, seq: number): Promise<number[]> => {
  const rows = await app.database.query<{ seq: number }>(
    `select seq from event_log where seq > $1 and name like 'inventory:%' order by seq`,
    [seq],
  )
  return rows.map((row) => row.seq)
}

/** Connects with a position, resolves when `connected` has come. */
export const comeBack = (app: TestApp, user: TestUser, position: unknown): Promise<TestClient> =>
  app.connect(user, { auth: { token: user.token, position } })
