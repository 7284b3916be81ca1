import {
  createUzimaClient,
  type RealtimeError,
  type UzimaClient,
  type UzimaClientOptions,
} from '@uzima/client'
import type { Item } from '@uzima/contracts'
import { expect } from 'vitest'
import { createProxy, type Proxy } from '../../e2e/rig/proxy.js'
import { createRandom } from '../../e2e/rig/random.js'
import { setupApp, type TestApp, type TestUser } from '../support/app.js'

/** The service with stock in it, a network in front of it, and people with screens. */
export interface Clinic extends AsyncDisposable {
  readonly app: TestApp
  readonly network: Proxy
  /** A client behind the network, not started; stopped with the clinic. */
  readonly screen: (user: TestUser, options?: Partial<UzimaClientOptions>) => Screen
}

export interface Screen {
  readonly client: UzimaClient
  readonly errors: RealtimeError[]
}

export interface ClinicOptions {
  readonly items?: number
  readonly env?: Readonly<Record<string, string>>
  /** Of the network, see `createProxy`. */
  readonly cutAfterMs?: number
}

export const setupClinic = async ({
  items = 20,
  env = {},
  cutAfterMs,
}: ClinicOptions = {}): Promise<Clinic> => {
  const app = await setupApp({ env })
  const network = await createProxy({
    targetPort: Number(new URL(app.url).port),
    random: createRandom(1),
    ...(cutAfterMs === undefined ? {} : { cutAfterMs }),
  })
  await app.database.query(
    `insert into inventory_items (sku, name) select 'S' || n, 'Item ' || n from generate_series(1, $1) as n`,
    [items],
  )
  const clients: UzimaClient[] = []
  return {
    app,
    network,
    screen: (user, options = {}) => {
      const errors: RealtimeError[] = []
      const client = createUzimaClient({
        url: `http://127.0.0.1:${network.port.toString()}`,
        getToken: () => user.token,
        onError: (error) => errors.push(error),
        ...options,
      })
      clients.push(client)
      return { client, errors }
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client.stop()
      await app.close()
      await network.close()
    },
  }
}

/** Gives every item a new quantity, each in a commit of its own. */
export const changeAll = async (app: TestApp): Promise<void> => {
  const skus = await app.database.query<{ sku: string }>('select sku from inventory_items')
  for (const { sku } of skus) await changeItem(app, sku)
}

export const changeItem = async (app: TestApp, sku: string): Promise<void> => {
  await app.database.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ($1, 'L', 1, '2039-12-31')
     on conflict (sku, lot_number) do update set quantity = inventory_lots.quantity + 1`,
    [sku],
  )
}

export const stockOf = async (app: TestApp): Promise<Item[]> => {
  const rows = await app.database.query<{ item: Item }>(
    'select item from inventory_item_view where archived_at is null order by sku collate "C"',
  )
  return rows.map(({ item }) => item)
}

/** Resolves once the screen shows what the database holds, and nobody changes it meanwhile. */
export const expectAgreement = async (app: TestApp, client: UzimaClient): Promise<void> => {
  const stock = await stockOf(app)
  await expect.poll(() => inOrder(client.inventory.list())).toEqual(stock)
}

const inOrder = (items: readonly Item[]): Item[] =>
  [...items].sort((a, b) => (a.sku < b.sku ? -1 : 1))

/** Resolves once nothing is missing on the screen. */
export const expectLive = (client: UzimaClient) =>
  expect.poll(() => client.connection.get().synced).toBe(true)
