import { useUzima } from '@uzima/client/react'
import { useCallback, type ReactElement, type ReactNode } from 'react'
import { usePolled } from '../admin/use-polled.js'
import { commonWords } from '../i18n/common-words.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { NoticeLine } from '../offline/notice-line.js'
import { useMay, useUser } from '../session/use-session.js'
import { hrefOf } from '../shell/address.js'
import { useNow } from '../shell/use-now.js'
import { ButtonLink } from '../ui/button.js'
import { emergencyWords } from './emergency-words.js'
import { useOwn } from './use-own.js'

const EVERY_MS = 5_000

/** Over every view while the person has a role that was taken in an emergency: which, and for how long still. */
export const OwnNotice = (): ReactNode => {
  const words = useWords(emergencyWords)
  const { roles } = useWords(commonWords)
  const format = useFormat()
  // Who has one role has taken none.
  const own = useOwn(useUser().roles.length > 1)
  const now = useNow(EVERY_MS)
  return own?.active.map(({ id, role, validUntil }) => (
    <NoticeLine
      key={id}
      kind="warn"
      text={words.active(roles[role], format.duration(Math.max(Date.parse(validUntil) - now, 0)))}
    />
  ))
}

/** Over every view of an administrator: who has taken a role, and what waits for a review. */
export const ReviewsNotice = (): ReactElement | null =>
  useMay('users:manage') ? <OpenReviews /> : null

const MOST = 50

const OpenReviews = (): ReactNode => {
  const words = useWords(emergencyWords)
  const { roles } = useWords(commonWords)
  const { rest } = useUzima()
  const { value = [] } = usePolled(
    useCallback(
      async () => (await rest.breakGlass.list({ state: 'open', limit: MOST })).grants,
      [rest],
    ),
    EVERY_MS,
  )
  const ended = value.filter(({ state }) => state === 'ended').length
  const look = (
    <ButtonLink kind="plain" href={hrefOf(['admin', 'reviews'])}>
      {words.look}
    </ButtonLink>
  )
  return (
    <>
      {value
        .filter(({ state }) => state === 'active')
        .map(({ id, username, role }) => (
          <NoticeLine key={id} kind="error" text={words.taken(username, roles[role])}>
            {look}
          </NoticeLine>
        ))}
      {ended > 0 && (
        <NoticeLine kind="warn" text={words.waiting(ended)}>
          {look}
        </NoticeLine>
      )}
    </>
  )
}
