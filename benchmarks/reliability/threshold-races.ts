import type { DrillWorld } from '../../e2e/faults/run.js'
import type { Random } from '../../e2e/rig/random.js'
import { createRest } from '../../e2e/rig/rest.js'
import { createPostgres } from '../../src/storage/postgres.js'

/** What the writers did. */
export interface Races {
  /** Rounds in which an item fell from above its threshold. */
  readonly rounds: number
  readonly restWrites: number
  readonly sqlWrites: number
  /** Refused for want of stock, because another writer was there first. */
  readonly refused: number
  /** Answers that were neither. */
  readonly failures: readonly string[]
  readonly deadlocks: number
  readonly wallSeconds: number
}

export interface RaceOptions {
  /** Rounds to go on for. */
  readonly rounds: number
  readonly random: Random
}

/** Threshold of every item that the fault rig makes. */
export const THRESHOLD = 100

// Items that are raced for at the same time.
const LANES = 16
const SQL_CONNECTIONS = 8

/**
 * Takes items across their thresholds and back, again and again. At each, writers race: two over REST on two nodes and
 * one with plain SQL take what makes the item low, each about enough alone; then a receipt lifts it while another
 * writer takes from it again.
 */
export const raceAtThresholds = async (
  { rig, crowd }: DrillWorld,
  { rounds, random }: RaceOptions,
): Promise<Races> => {
  const database = createPostgres({
    url: rig.databaseUrl,
    poolSize: SQL_CONNECTIONS,
    onError: () => undefined,
  })
  const rest = createRest(20_000)
  const { token } = crowd.tokens.of(crowd.population.admin.id)
  const counts = { rounds: 0, restWrites: 0, sqlWrites: 0, refused: 0 }
  const failures: string[] = []

  const call = async (path: string, body: unknown): Promise<void> => {
    counts.restWrites += 1
    const { url } = random.pick(rig.nodes)
    const { status, text } = await rest({ url, method: 'POST', path, token, body })
    if (status === 409) counts.refused += 1
    else if (status >= 300) failures.push(`${String(status)} ${text.slice(0, 200)}`)
  }
  const consume = (sku: string, quantity: number): Promise<void> =>
    call(`/api/inventory/${sku}/consume`, { quantity })
  const receive = (sku: string, quantity: number): Promise<void> =>
    call(`/api/inventory/${sku}/lots`, { lotNumber: 'R', quantity, expiryDate: '2031-01-15' })
  /** Moves the fullest lot, or none where that has not so much. */
  const moveBySql = async (sku: string, units: number): Promise<void> => {
    counts.sqlWrites += 1
    await database.query(
      `update inventory_lots l set quantity = l.quantity + $2
         from (select lot_number from inventory_lots where sku = $1 order by quantity desc limit 1) fullest
        where l.sku = $1 and l.lot_number = fullest.lot_number and l.quantity + $2 >= 0`,
      [sku, units],
    )
  }
  const totalOf = async (sku: string): Promise<number> => {
    const [row] = await database.query<{ total: number }>(
      'select total_quantity::float8 as total from inventory_items where sku = $1',
      [sku],
    )
    return row?.total ?? 0
  }

  const race = async (sku: string): Promise<void> => {
    const before = await totalOf(sku)
    if (before > THRESHOLD) {
      const share = (): number => Math.ceil((before - THRESHOLD) * (0.4 + 0.6 * random.next()))
      await Promise.all([consume(sku, share()), consume(sku, share()), moveBySql(sku, -share())])
      if ((await totalOf(sku)) <= THRESHOLD) counts.rounds += 1
    }
    const lift = random.int(60, 120)
    await Promise.all([
      random.chance(0.5) ? receive(sku, lift) : moveBySql(sku, lift),
      ...(random.chance(0.5) ? [consume(sku, random.int(5, 50))] : []),
    ])
  }

  const startedAt = performance.now()
  try {
    // The first is the rig's own, and one in eight has a lot that nobody may be given.
    const skus = crowd.population.skus.filter((_, index) => index % 8 !== 0).slice(0, LANES)
    const isDone = (): boolean => counts.rounds >= rounds || failures.length > 100
    await Promise.all(
      skus.map(async (sku) => {
        while (!isDone()) await race(sku)
      }),
    )
    const [row] = await database.query<{ deadlocks: number }>(
      `select deadlocks::float8 as deadlocks from pg_stat_database where datname = current_database()`,
    )
    const wallSeconds = (performance.now() - startedAt) / 1_000
    return { ...counts, failures, deadlocks: row?.deadlocks ?? 0, wallSeconds }
  } finally {
    rest.close()
    await database.close()
  }
}
