import { createRest, type Rest } from '../../e2e/rig/rest.js'
import type { Rig } from '../frame/rig.js'

/** Makes items named `<prefix>-1` and so on with one lot each; resolves to their names. */
export const addItems = async (
  { database }: Rig,
  prefix: string,
  count: number,
): Promise<string[]> => {
  const skus = Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1)}`)
  for (const sku of skus) {
    await database.transaction(async (tx) => {
      await tx.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
      await tx.query(`insert into inventory_lots values ($1, 'L', 1000, '2031-01-15')`, [sku])
    })
  }
  return skus
}

/** Moves one lot of an item with plain SQL. */
export const moveBySql = ({ database }: Rig, sku: string): Promise<unknown> =>
  database.query(`update inventory_lots set quantity = quantity + 1 where sku = $1`, [sku])

/** Receives stock over REST. */
export interface Receiver {
  /** @throws where the answer is not 201 */
  readonly receive: (node: number, sku: string) => Promise<void>
  readonly close: () => void
}

/** Makes the receiver, which keeps its connections. */
export const createReceiver = async (rig: Rig): Promise<Receiver> => {
  const rest: Rest = createRest(20_000)
  const [user = ''] = await rig.addUsers(1, 'inventory_manager')
  const token = rig.tokenFor(user, 3_600_000)
  const body = { lotNumber: 'L', quantity: 1, expiryDate: '2031-01-15' }
  return {
    async receive(node, sku) {
      const path = `/api/inventory/${sku}/lots`
      const answer = await rest({ url: rig.urlOf(node), method: 'POST', path, token, body })
      if (answer.status !== 201) throw new Error(`${String(answer.status)} ${answer.text}`)
    },
    close: rest.close,
  }
}

/** Deadlocks that the database has counted so far. */
export const deadlocksOf = async ({ database }: Rig): Promise<number> => {
  const [row] = await database.query<{ deadlocks: number }>(
    'select deadlocks::float8 as deadlocks from pg_stat_database where datname = current_database()',
  )
  return row?.deadlocks ?? NaN
}
