import type { CheckpointPage, CheckpointQuery } from '@uzima/contracts'
import { z } from 'zod'
import type { Queryable } from '../../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../../storage/page.js'
import type { Checkpoint } from './extend.js'

/** A page of signed heads, newest first, with every public key. Throws `VALIDATION_FAILED` for a cursor that no page has given. */
export const listCheckpoints = async (
  database: Queryable,
  { limit, cursor }: CheckpointQuery,
): Promise<CheckpointPage> => {
  const [tree, size] = cursor === undefined ? [null, null] : decodeCursor(LIST, cursor, KEY)
  const rows = await database.query<Checkpoint & { readonly tree: number }>(
    `select c.tree, t.epoch::text, c.size, encode(c.root, 'hex') as root, iso_time(c.at) as at, c.note
     from checkpoints c join evidence_trees t using (tree)
     where $1::integer is null or (c.tree, c.size) < ($1, $2::bigint)
     order by c.tree desc, c.size desc limit $3`,
    [tree, size, limit + 1],
  )
  const { page, nextCursor } = cutPage(rows, limit, (last) =>
    encodeCursor(LIST, [last.tree, last.size]),
  )
  return {
    checkpoints: page.map(({ tree: _tree, ...checkpoint }) => checkpoint),
    keys: await readKeys(database),
    nextCursor,
  }
}

/** Every public key that has ever signed, the oldest first. */
export const readKeys = async (database: Queryable): Promise<string[]> =>
  (
    await database.query<{ vkey: string }>('select vkey from checkpoint_keys order by first_at, id')
  ).map(({ vkey }) => vkey)

/** Seconds since the newest head was signed, by the clock of the database; null where there is none. */
export const readCheckpointAge = async (database: Queryable): Promise<number | null> => {
  const [row] = await database.query<{ age: number | null }>(
    'select extract(epoch from clock_timestamp() - max(at))::float8 as age from checkpoints',
  )
  return row?.age ?? null
}

// A year of one each minute would be half a million; by then nobody asks for the minute any more.
const THIN_AFTER = '30 days'

/** Keeps of the heads that are older than a month the last of each hour. Resolves to how many went. */
export const thinCheckpoints = async (database: Queryable): Promise<number> => {
  const gone = await database.query(
    `delete from checkpoints c using (
       select tree, size, lead(at) over (partition by tree order by size) as next from checkpoints
       where at < clock_timestamp() - interval '${THIN_AFTER}' + interval '2 hours') as k
     where c.tree = k.tree and c.size = k.size and c.at < clock_timestamp() - interval '${THIN_AFTER}'
       and date_trunc('hour', k.next) = date_trunc('hour', c.at)
     returning 1`,
  )
  return gone.length
}

const LIST = 'checkpoints'
const KEY = z.tuple([z.int(), z.int()])
