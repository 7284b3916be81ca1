import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Random } from '../rig/random.js'
import type { Cluster } from './cluster.js'

/** So many of the items cross their threshold all the time. */
const NEAR_THRESHOLD = 3

/** One lot gets another quantity, as a program does that knows the tables alone. */
export const moveBySql = async (
  client: Pick<pg.PoolClient, 'query'>,
  skus: readonly string[],
  random: Random,
): Promise<void> => {
  const index = random.chance(0.15)
    ? random.int(0, NEAR_THRESHOLD - 1)
    : random.int(NEAR_THRESHOLD, skus.length - 1)
  const quantity = index < NEAR_THRESHOLD ? random.int(0, 200) : 900_000 + random.int(0, 90_000)
  await client.query(
    `update inventory_lots set quantity = case when quantity = $2 then $2 + 1 else $2 end where sku = $1`,
    [skus[index], quantity],
  )
}

/** Movements by plain SQL and by REST, until `signal`. Resolves to how many were committed, as far as was answered. */
export const keepMoving = async (
  { pool, nodes, rest, skus, adminToken }: Cluster,
  random: Random,
  perSecond: number,
  signal: AbortSignal,
): Promise<number> => {
  let count = 0
  const writers = (['sql', 'sql', 'rest'] as const).map(async (via, number) => {
    const own = random.fork(`writer-${String(number)}`)
    while (!signal.aborted) {
      const began = performance.now()
      if (via === 'sql') {
        await moveBySql(pool, skus, own)
        count += 1
      } else {
        const answer = await rest({
          url: own.pick(nodes).url,
          method: 'POST',
          path: `/api/inventory/${own.pick(skus.slice(NEAR_THRESHOLD))}/consume`,
          token: adminToken(),
          body: { quantity: own.int(1, 9) },
          // A node may be dead or stand still.
        }).catch(() => undefined)
        if (answer?.status === 200) count += 1
      }
      const pauseMs = (3_000 / perSecond) * (0.5 + own.next())
      await delay(Math.max(0, pauseMs - (performance.now() - began)))
    }
  })
  await Promise.all(writers)
  return count
}
