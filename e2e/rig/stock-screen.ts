import { createUzimaClient, type UzimaClient } from '@uzima/client'
import { expect } from 'vitest'

/** A screen with the stock on it, by the client package, beside what REST says. */
export interface StockScreen extends AsyncDisposable {
  readonly client: UzimaClient
  /** The quantity of each item, by REST. */
  readonly truth: () => Promise<readonly (readonly [sku: string, quantity: number])[]>
  /** All units on all shelves, by REST. */
  readonly units: () => Promise<number>
  /** Waits until the screen shows the truth. */
  readonly expectTruth: () => Promise<void>
}

interface Shown {
  readonly sku: string
  readonly totalQuantity: number
}

const shown = ({ sku, totalQuantity }: Shown) => [sku, totalQuantity] as const

/** Starts a screen on the server at `url`; `getToken` as in the client's options. */
export const startStockScreen = async (
  url: string,
  getToken: () => string | Promise<string>,
): Promise<StockScreen> => {
  const client = createUzimaClient({ url, getToken })
  await client.start()
  const truth: StockScreen['truth'] = async () => {
    const headers = { authorization: `Bearer ${await getToken()}` }
    const answer = await fetch(`${url}/api/inventory`, { headers })
    if (!answer.ok) throw new Error(`The stock is answered with ${answer.status.toString()}.`)
    return ((await answer.json()) as { items: readonly Shown[] }).items.map(shown)
  }
  return {
    client,
    truth,
    units: async () => (await truth()).reduce((sum, [, quantity]) => sum + quantity, 0),
    expectTruth: () =>
      expect
        .poll(async () => {
          const there = JSON.stringify(await truth())
          return JSON.stringify(client.inventory.list().map(shown)) === there
        })
        .toBe(true),
    [Symbol.asyncDispose]: () => client.stop(),
  }
}
