import { alertKindSchema, type AlertKind } from '@uzima/contracts'
import type { Queryable } from '../storage/database.js'

/** How many alerts of a kind are in a state. */
export interface AlertCount {
  readonly kind: AlertKind
  readonly state: 'open' | 'acknowledged'
  readonly count: number
}

const STATES = ['open', 'acknowledged'] as const
/** Whoever asks has other figures to show, and must have them when the database says nothing. */
const ANSWER_WITHIN_MS = 1_000
/** A stranger who asks all the time must not make the database count all the time. */
const KNOWN_FOR_MS = 5_000

/**
 * Makes the count of alerts that are not resolved, by kind and state, those that are none among them. It asks the database at
 * most every 5 s, and rejects where that does not answer within a second.
 */
export const createAlertCounts = (
  database: Pick<Queryable, 'query'>,
): (() => Promise<readonly AlertCount[]>) => {
  let counts: readonly AlertCount[] = []
  let countedAt = Number.NEGATIVE_INFINITY

  return async () => {
    if (performance.now() - countedAt < KNOWN_FOR_MS) return counts
    const rows = await database.query<AlertCount>(
      `select kind, state, count(*)::integer as count from alerts
        where resolved_at is null group by kind, state`,
      [],
      { answerWithinMs: ANSWER_WITHIN_MS },
    )
    countedAt = performance.now()
    counts = alertKindSchema.options.flatMap((kind) =>
      STATES.map((state) => {
        const row = rows.find((one) => one.kind === kind && one.state === state)
        return { kind, state, count: row?.count ?? 0 }
      }),
    )
    return counts
  }
}
