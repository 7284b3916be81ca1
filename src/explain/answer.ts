import type { Explanation, ExplainQuery } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database } from '../storage/database.js'
import { readEntry } from './entries.js'
import type { Answer } from './explain.js'
import { explainAll } from './explain-all.js'
import type { EntryHeader, Rights } from './records.js'
import { readRights } from './read-records.js'
import { rolesAt } from './rights.js'
import { because, sentenceOf } from './sentences.js'
import { findPerson, type Person } from './who.js'

/** Most connections that one answer lists. */
const MAX_LISTED = 50

/**
 * What became of one entry for one user, from records alone. Throws `USER_NOT_FOUND` where there is no record of the user, and
 * `ENTRY_UNKNOWN` where there is none of the entry.
 */
export const explainEntry = (database: Database, query: ExplainQuery): Promise<Explanation> =>
  database.transaction(
    async (tx) => {
      const person = await findPerson(tx, query)
      const entry = await readEntry(tx, query.seq)
      if (entry === undefined) {
        const [head] = await tx.query<{ seq: number }>('select seq from log_head')
        throw new AppError('ENTRY_UNKNOWN', {
          detail:
            query.seq > (head?.seq ?? 0)
              ? `The log is at ${(head?.seq ?? 0).toString()}: entry ${query.seq.toString()} is not written yet.`
              : `Entry ${query.seq.toString()} was removed before headers were kept, or with them.`,
        })
      }
      const rights = await readRights(tx, person.id)
      const [answer] = await explainAll(tx, rights, [entry])
      if (answer === undefined) throw new Error('No answer.')
      return told(entry, person, rights, answer)
    },
    { snapshot: true },
  )

const told = (entry: EntryHeader, person: Person, rights: Rights, answer: Answer): Explanation => {
  const { ruling, verdict, reason } = answer
  return {
    entry: { ...entry, at: entry.at.toISOString() },
    user: { ...person },
    allowed: ruling.allowed,
    because: because(entry, rights, ruling),
    roles: rolesAt(rights, entry.seq).map(({ role, since, until, by, grant }) => ({
      role,
      since: since.toISOString(),
      ...(until === undefined ? {} : { until: until.toISOString() }),
      by,
      allows: ruling.roles.includes(role),
      ...(grant === undefined ? {} : { grant: { id: grant.id, kind: grant.kind } }),
    })),
    deliveries: answer.judged.slice(0, MAX_LISTED).map((one) => {
      const { socketId, node, connectedAt, closedAt, code } = one.delivery
      return {
        socketId,
        node,
        connectedAt: connectedAt.toISOString(),
        ...(closedAt === null ? {} : { closedAt: closedAt.toISOString() }),
        ...(code === null ? {} : { code }),
        how: one.how,
        ...(one.writtenAt === undefined ? {} : { writtenAt: one.writtenAt.toISOString() }),
        ...(one.appliedAt === undefined ? {} : { appliedAt: one.appliedAt.toISOString() }),
        outcome: one.outcome,
        reason: one.reason,
      }
    }),
    verdict,
    reason,
    sentence: sentenceOf(entry, person, answer),
  }
}
