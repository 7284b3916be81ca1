import { useUzima } from '@uzima/client/react'
import { useCallback, type ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.js'
import { Card } from '../../ui/surfaces.js'
import { AdminFrame } from '../admin-frame.js'
import { connectionsWords } from '../connections/connections-words.js'
import { PolledNotice } from '../polled-notice.js'
import { usePolled } from '../use-polled.js'
import { OneReview } from './one-review.js'
import { reviewsWords } from './reviews-words.js'

const SHOWN = 50
const EVERY_MS = 5_000

/** The roles that were taken in an emergency, the newest first, and their reviews. */
export const ReviewsView = (): ReactElement => {
  const words = useWords(reviewsWords)
  const { stale } = useWords(connectionsWords)
  const { rest } = useUzima()
  const cases = usePolled(
    useCallback(async () => {
      // The open ones are all that somebody has to do: they are not pushed out by those that are done.
      const [open, closed] = await Promise.all([
        rest.breakGlass.list({ state: 'open', limit: SHOWN }),
        rest.breakGlass.list({ state: 'closed', limit: SHOWN }),
      ])
      return [...open.grants, ...closed.grants]
    }, [rest]),
    EVERY_MS,
  )
  return (
    <AdminFrame view="reviews">
      <Card>
        <p className="muted small">{words.detail}</p>
        <PolledNotice polled={cases} failed={words.notListed} stale={stale} />
        {cases.value?.length === 0 && <p className="muted">{words.none}</p>}
        <ul className="grants">
          {cases.value?.map((one) => (
            <li key={one.id} data-review={one.id}>
              <OneReview one={one} onChanged={cases.refresh} />
            </li>
          ))}
        </ul>
      </Card>
    </AdminFrame>
  )
}
