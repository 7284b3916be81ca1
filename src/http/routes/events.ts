import { eventsPageSchema, eventsQuerySchema, type EventsPage } from '@uzima/contracts'
import type { z } from 'zod'
import { authorize, type FindUser } from '../../auth/authorize.js'
import { mayReceive, type Feeds } from '../../log/audience.js'
import type { EventLog, LogHead } from '../../log/event-log.js'
import { principalOf } from '../../middleware/http-auth.js'
import type { Routes } from '../app.js'

/** What the route of the log needs. */
export interface EventRouteDeps {
  readonly eventLog: Pick<EventLog, 'range'>
  /** Reads the user from the database, not from a cache. */
  readonly findUser: FindUser
  readonly feeds: Feeds
}

type EventsQuery = z.infer<typeof eventsQuerySchema>

/** `GET /api/events`: the log, as the caller may see it. */
export const eventRoutes =
  (deps: EventRouteDeps): Routes =>
  (app) => {
    app.get(
      '/events',
      {
        config: { access: 'authenticated', isPage: true },
        schema: {
          tags: ['events'],
          summary: 'Entries of the log after a number; go on with the position of the answer',
          querystring: eventsQuerySchema.strict(),
          response: { 200: eventsPageSchema },
        },
      },
      async (request): Promise<EventsPage> => {
        const { query } = request
        const { claims } = principalOf(request)
        const { head, entries } = await deps.eventLog.range(query.since, query.limit)
        const reset = resetReason(query, head)
        const position = { epoch: head.epoch, seq: head.seq }
        if (reset !== undefined) return { events: [], position, hasMore: false, reset }

        // Rights as of after the read: nothing that was read is newer than them, so nobody who lost a right sees what
        // was numbered after its loss.
        const { id, role, roles } = authorize(claims, await deps.findUser(claims))
        const viewer = { userId: id, role, roles }
        const last = entries.at(-1)?.seq ?? head.seq
        return {
          events: entries
            .filter(
              ({ name, audience }) =>
                name !== 'foreign' && mayReceive(audience, viewer, deps.feeds),
            )
            .map(({ seq, name, payload, at }) => ({ seq, name, payload, at: at.toISOString() })),
          // Past what the caller may not see, too: asked again, it would not show either.
          position: { ...position, seq: last },
          hasMore: last < head.seq,
        }
      },
    )
  }

/** Why the log cannot be read from where the caller was; `position` then is the head, after a new snapshot. */
const resetReason = ({ since, epoch }: EventsQuery, head: LogHead): EventsPage['reset'] => {
  if (epoch !== undefined && epoch !== head.epoch) return 'epoch_changed'
  if (since < head.trimmedSeq) return 'position_too_old'
  return since > head.seq ? 'position_in_future' : undefined
}
