import type { Queryable } from '../storage/database.js'
import { explain, type Answer } from './explain.js'
import { readRecords } from './read-records.js'
import type { EntryHeader, Rights } from './records.js'

const AT_A_TIME = 1_000

/**
 * What became of each of these entries, which are in their order, for the user of `rights`. Where more of his connections concern
 * them than are to be held at once, it is worked out in parts.
 */
export const explainAll = async (
  tx: Queryable,
  rights: Rights,
  entries: readonly EntryHeader[],
): Promise<Answer[]> => {
  const from = entries[0]
  const to = entries.at(-1)
  if (from === undefined || to === undefined) return []
  const records =
    entries.length > AT_A_TIME ? undefined : await readRecords(tx, rights, { from, to })
  if (records !== undefined) return entries.map((entry) => explain(entry, records))
  if (entries.length === 1) {
    throw new Error(
      `Too many connections of ${rights.userId} concern entry ${from.seq.toString()}.`,
    )
  }
  const middle = Math.ceil(entries.length / 2)
  return [
    ...(await explainAll(tx, rights, entries.slice(0, middle))),
    ...(await explainAll(tx, rights, entries.slice(middle))),
  ]
}
