import type { Answer, AnswerRow } from './facts.js'
import { createGrants } from './granted.js'
import { createPeople } from './people.js'

/** Whether a role was taken in an emergency: by whom, why, from when until when, and who closed the review; null where nobody has. */
export const breakGlass = (): Answer => {
  const people = createPeople()
  const grants = createGrants()
  return {
    onFact(fact) {
      people.onFact(fact)
      grants.onFact(fact)
    },
    rows: () =>
      grants
        .all()
        .filter(({ grant }) => grant.fields.kind === 'break_glass')
        .map(({ grant, begunAt, endedAt, now }): AnswerRow => {
          const reviewer = textIn(now, 'reviewed_by')
          return {
            user: people.nameOf(String(grant.fields.userId)),
            role: grant.fields.role,
            reason: grant.texts.reason,
            begunAt,
            until: textIn(now, 'valid_until'),
            endedAt,
            reviewedBy: reviewer === null ? null : people.nameOf(reviewer),
            reviewedAt: textIn(now, 'reviewed_at'),
            reviewNote: textIn(now, 'review_note'),
            leaf: grant.n,
          }
        }),
  }
}

const textIn = (fields: Readonly<Record<string, unknown>>, name: string): string | null => {
  const value = fields[name]
  return typeof value === 'string' ? value : null
}
