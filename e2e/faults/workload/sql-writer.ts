import pg from 'pg'
import type { Recorder } from '../history.js'
import type { Random } from '../../rig/random.js'
import { every, type Worker } from './pace.js'

export interface SqlWriterOptions {
  readonly name: string
  readonly databaseUrl: string
  readonly recorder: Recorder
  readonly random: Random
  readonly skus: readonly string[]
  readonly perSecond: number
}

/** Writes the tables with plain SQL, past the service; now and then it rolls back. */
export const startSqlWriter = (options: SqlWriterOptions): Worker => {
  const { name, recorder, random, skus, perSecond } = options
  let client: pg.Client | undefined
  let count = 0

  const connected = async (): Promise<pg.Client> => {
    if (client !== undefined) return client
    const made = new pg.Client({
      connectionString: options.databaseUrl,
      connectionTimeoutMillis: 3_000,
      query_timeout: 20_000,
    })
    made.on('error', () => undefined)
    await made.connect()
    client = made
    return made
  }

  const write = async (): Promise<void> => {
    count += 1
    const id = `${name}-${String(count)}`
    const sku = random.pick(skus)
    const aborts = random.chance(0.15)
    const quantity = random.int(0, 60)
    const base = { op: 'write', write: id, actor: name } as const
    let connection: pg.Client
    try {
      connection = await connected()
    } catch {
      return
    }
    recorder.add({
      ...base,
      phase: 'invoke',
      via: 'sql',
      kind: aborts ? 'rollback' : 'adjust',
      sku,
      quantity,
    })
    try {
      await connection.query('begin')
      await connection.query(
        `select set_config('uzima.actor', $1, true), set_config('uzima.reason', $2, true)`,
        [name, id],
      )
      // Always moves something, so that each commit has its movement.
      await connection.query(
        `update inventory_lots set quantity = case when quantity = $2 then $2 + 1 else $2 end
          where sku = $1 and lot_number = 'L8'`,
        [sku, quantity],
      )
      await connection.query(aborts ? 'rollback' : 'commit')
      if (aborts) {
        recorder.add({ ...base, phase: 'refused', status: 0, code: 'ROLLED_BACK', available: null })
      } else {
        recorder.add({ ...base, phase: 'ok', version: null, item: null, lotsConsumed: null })
      }
    } catch (error) {
      recorder.add({
        ...base,
        phase: 'unknown',
        why: error instanceof Error ? error.message : String(error),
      })
      await drop()
    }
  }

  const drop = async (): Promise<void> => {
    const broken = client
    client = undefined
    await broken?.end().catch(() => undefined)
  }

  const worker = every(() => (1_000 / perSecond) * (0.5 + random.next()), write)
  return {
    async stop() {
      await worker.stop()
      await drop()
    },
  }
}
