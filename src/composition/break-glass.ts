import type { Tail } from '../log/tail.js'
import type { Database } from '../storage/database.js'
import { createBreakGlass, type BreakGlassCases } from '../users/break-glass.js'
import { countOpenReviews } from '../users/open-reviews.js'
import type { Base } from './base.js'

/** Emergencies: what users may do, a line and a count of each on every node, and how many reviews are open. */
export const openBreakGlass = (
  { config, logger, metrics, releases }: Base,
  database: Database,
  tail: Pick<Tail, 'subscribe'>,
): BreakGlassCases => {
  releases.add(
    'break glass',
    tail.subscribe({
      onEntries: (entries) => {
        for (const entry of entries) {
          if (entry.name !== 'break_glass:opened') continue
          const { id, userId, role, validUntil } = entry.payload.grant
          metrics.breakGlass.inc()
          logger.warn(
            { grant: id, userId, role, validUntil },
            'Somebody took a role in an emergency',
          )
        }
      },
      onReset: () => undefined,
    }),
  )
  metrics.beforeScrape(async () => {
    try {
      metrics.openReviews.set(await countOpenReviews(database, { answerWithinMs: 1_000 }))
    } catch {
      // A database that does not answer has a metric of its own; how many it holds is not known then.
      metrics.openReviews.remove()
    }
  })
  return createBreakGlass(database, config.breakGlassRoles ?? [])
}
