import { expect } from 'vitest'
import type { Queryable } from '../../src/storage/database.js'
import type { Follower } from './stock-follower.js'

/** Waits until every follower has the newest entry of the log, and expects each to have all of them once, in order, without a reset. */
export const expectAllDelivered = async (
  database: Queryable,
  followers: readonly Follower[],
): Promise<void> => {
  const entries = await database.query<{ seq: number }>(
    `select seq from event_log where name in ('inventory:update', 'inventory:lowStock') or name like 'alert:%' order by seq`,
  )
  const due = entries.map(({ seq }) => seq)
  await expect.poll(() => followers.filter(({ seqs }) => seqs.at(-1) !== due.at(-1)).length).toBe(0)
  for (const { seqs } of followers) expect(seqs).toEqual(due)
  expect(followers.flatMap(({ resets }) => resets)).toEqual([])
}
