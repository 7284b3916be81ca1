import type { Movement, MovementPage } from '@uzima/contracts'
import { z } from 'zod'
import type { Database } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'
import { readItem } from './command.js'

/** Which page of the history. */
export interface MovementQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A page of the item's history, newest first, archived items included; throws `INVENTORY_ITEM_NOT_FOUND`. */
export const listMovements = async (
  database: Database,
  sku: string,
  { limit, cursor }: MovementQuery,
): Promise<MovementPage> => {
  const before = cursor === undefined ? null : decodeCursor(LIST, cursor, ID)
  const rows = await database.query<Row>(
    `select id::text, type, delta, before, after, lots, actor, reason, iso_time(at) as at, seq,
        (select b.id::text from break_glass b where b.user_id = stock_movements.user_id
          and seq > b.began_seq and (b.ended_seq is null or seq < b.ended_seq)
          order by b.began_seq desc limit 1) as "breakGlass"
      from stock_movements
      where sku = $1 and ($2::text is null or stock_movements.id < $2::text::bigint)
      order by stock_movements.id desc limit $3`,
    [sku, before, limit + 1],
  )
  // No history: a new item, or none.
  if (rows.length === 0) await readItem(database, sku)
  const { page, nextCursor } = cutPage(rows, limit, ({ id }) => encodeCursor(LIST, id))
  const movements = page.map(({ breakGlass, ...movement }) =>
    breakGlass === null ? movement : { ...movement, breakGlass },
  )
  return { movements, nextCursor }
}

interface Row extends Omit<Movement, 'breakGlass'> {
  readonly breakGlass: string | null
}

const LIST = 'movements'
// Within PostgreSQL's bigint.
const ID = z.string().regex(/^[1-9]\d{0,17}$/)
