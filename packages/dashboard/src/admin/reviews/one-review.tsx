import { useUzima } from '@uzima/client/react'
import type { BreakGlass, BreakGlassDetail } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { useUser } from '../../session/use-session.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { Button } from '../../ui/button.js'
import { TextField } from '../../ui/field.js'
import { Mark } from '../../ui/mark.js'
import { ActionError } from '../action-error.js'
import { ConfirmDialog } from '../confirm-dialog.js'
import { useAction } from '../use-action.js'
import { reviewsWords } from './reviews-words.js'

interface OneReviewProps {
  readonly one: BreakGlass
  readonly onChanged: () => void
}

/** A role that somebody took: who, why, what was done, and what became of it. */
export const OneReview = ({ one, onChanged }: OneReviewProps): ReactElement => {
  const words = useWords(reviewsWords)
  const { roles } = useWords(commonWords)
  const format = useFormat()
  const { rest } = useUzima()
  const { say } = useAnnouncer()
  const { userId } = useUser()
  const action = useAction()
  const [detail, setDetail] = useState<BreakGlassDetail>()
  const [isClosing, setIsClosing] = useState(false)
  const { id, username, role, state, validFrom, validUntil, endedAt, reason, review } = one
  const isOver = state === 'ended'
  return (
    <>
      <p>
        <span className="strong">
          {username} · {roles[role]}
        </span>{' '}
        <Mark kind={review !== null ? 'plain' : isOver ? 'pending' : 'out'}>
          {words.state[review === null ? state : 'closed']}
        </Mark>
      </p>
      <p className="small">
        {words.span(format.time(validFrom), format.time(endedAt ?? validUntil))}
      </p>
      <p className="muted small">{reason}</p>
      {review !== null && (
        <p className="small">
          {words.reviewed(review.byUsername ?? review.by, format.time(review.at), review.note)}
        </p>
      )}
      {detail !== undefined && <Done detail={detail} />}
      <ActionError error={action.error} />
      <div className="row">
        <Button
          busy={action.busy}
          onClick={() => {
            action.run(async () => {
              setDetail(await rest.breakGlass.get(id))
            })
          }}
        >
          {words.show}
        </Button>
        {!isOver && (
          <Button
            kind="danger"
            onClick={() => {
              action.run(async () => {
                await rest.grants.revoke(id)
                say(words.ended)
                onChanged()
              })
            }}
          >
            {words.end}
          </Button>
        )}
        {isOver && review === null && userId !== one.userId && (
          <Button
            onClick={() => {
              setIsClosing(true)
            }}
          >
            {words.close}
          </Button>
        )}
      </div>
      {isClosing && (
        <CloseReview
          one={one}
          onClosed={onChanged}
          onClose={() => {
            setIsClosing(false)
          }}
        />
      )}
    </>
  )
}

const Done = ({ detail }: { readonly detail: BreakGlassDetail }): ReactElement => {
  const words = useWords(reviewsWords)
  const format = useFormat()
  return (
    <ul className="small" data-done={detail.id}>
      {detail.done.map(({ what, of, type, delta, at }, index) => (
        // Of the past: it never changes its order.
        <li key={index}>
          {[
            format.time(at),
            words.what[what],
            of,
            delta === null ? type : format.number(delta),
          ].join(' · ')}
        </li>
      ))}
      {detail.done.length === 0 && <li>{words.nothing}</li>}
      {detail.hasMore && <li>{words.more}</li>}
    </ul>
  )
}

interface CloseReviewProps {
  readonly one: BreakGlass
  readonly onClosed: () => void
  readonly onClose: () => void
}

const CloseReview = ({ one, onClosed, onClose }: CloseReviewProps): ReactElement => {
  const words = useWords(reviewsWords)
  const { rest } = useUzima()
  const { say } = useAnnouncer()
  const [note, setNote] = useState('')
  return (
    <ConfirmDialog
      title={words.closeTitle(one.username)}
      detail={words.closeDetail}
      label={words.close}
      onConfirm={async () => {
        await rest.breakGlass.review(one.id, note)
        say(words.closed)
        onClosed()
      }}
      onClose={onClose}
    >
      <TextField label={words.note} required maxLength={500} value={note} onValue={setNote} />
    </ConfirmDialog>
  )
}
