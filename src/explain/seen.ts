import type { SeenRow } from '@uzima/contracts'
import type { Database } from '../storage/database.js'
import { PAGE, readEntries, startOf, type Between } from './entries.js'
import { explainAll } from './explain-all.js'
import type { Answer } from './explain.js'
import { readRights } from './read-records.js'
import type { EntryHeader } from './records.js'

/**
 * Every entry of that time that the user could see, or was sent, with what became of it; a page of entries in memory at a time, each
 * as of one moment.
 */
export const seenBy = async function* (
  database: Database,
  userId: string,
  between: Between,
): AsyncGenerator<SeenRow> {
  let after = await startOf(database, between.from)
  for (;;) {
    const { rows, last, isLast } = await database.transaction(
      async (tx) => {
        const entries = await readEntries(tx, between, after)
        const rights = await readRights(tx, userId)
        const answers = await explainAll(tx, rights, entries)
        return {
          rows: entries.flatMap((entry, at) => {
            const answer = answers[at]
            return (answer === undefined ? undefined : rowOf(entry, answer)) ?? []
          }),
          last: entries.at(-1)?.seq ?? after,
          isLast: entries.length < PAGE,
        }
      },
      { snapshot: true },
    )
    yield* rows
    if (isLast) return
    after = last
  }
}

const rowOf = (entry: EntryHeader, answer: Answer): SeenRow | undefined => {
  const { ruling, verdict, reason, judged } = answer
  if (verdict === 'not_allowed' && ruling.allowed === false) return undefined
  const sent = judged.filter(({ outcome }) => outcome === 'written' || outcome === 'applied')
  return {
    seq: entry.seq,
    at: entry.at.toISOString(),
    name: entry.name,
    ref: entry.ref,
    audience: entry.audience,
    allowed: ruling.allowed,
    roles: [...ruling.roles],
    verdict,
    reason,
    connections: sent.length,
    writtenAt: firstOf(sent.map(({ writtenAt }) => writtenAt)),
    appliedAt: firstOf(sent.map(({ appliedAt }) => appliedAt)),
  }
}

const firstOf = (times: readonly (Date | undefined)[]): string | null => {
  const known = times.flatMap((time) => time?.getTime() ?? [])
  return known.length === 0 ? null : new Date(Math.min(...known)).toISOString()
}
