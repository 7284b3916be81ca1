import { useUzima } from '@uzima/client/react'
import type { Grant, User } from '@uzima/contracts'
import { useCallback, useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { Button } from '../../ui/button.js'
import { Mark, type MarkKind } from '../../ui/mark.js'
import { Card } from '../../ui/surfaces.js'
import { ConfirmDialog } from '../confirm-dialog.js'
import { connectionsWords } from '../connections/connections-words.js'
import { PolledNotice } from '../polled-notice.js'
import { usePolled } from '../use-polled.js'
import { GiveRole } from './give-role.js'
import { grantsWords } from './grants-words.js'

const SHOWN = 20
const EVERY_MS = 5_000

interface GrantsProps {
  readonly user: User
  /** A role was given or ended. */
  readonly onChanged: () => void
}

/** The roles that a user has, had and will have for a time; gives another, and ends one. */
export const Grants = ({ user, onChanged }: GrantsProps): ReactElement => {
  const words = useWords(grantsWords)
  const { stale } = useWords(connectionsWords)
  const { rest } = useUzima()
  const grants = usePolled(
    useCallback(
      async () => (await rest.grants.list(user.id, { limit: SHOWN })).grants,
      [rest, user.id],
    ),
    EVERY_MS,
  )
  const [isGiving, setIsGiving] = useState(false)
  const changed = (): void => {
    grants.refresh()
    onChanged()
  }
  return (
    <Card title={words.title}>
      <p className="muted small">{words.detail}</p>
      <PolledNotice polled={grants} failed={words.notListed} stale={stale} />
      {grants.value?.length === 0 && <p className="muted">{words.none}</p>}
      <ul className="grants">
        {grants.value?.map((grant) => (
          <li key={grant.id} data-grant={grant.id}>
            <OneGrant grant={grant} onEnded={changed} />
          </li>
        ))}
      </ul>
      <div className="row">
        <Button
          onClick={() => {
            setIsGiving(true)
          }}
        >
          {words.give}
        </Button>
      </div>
      {isGiving && (
        <GiveRole
          user={user}
          onGiven={changed}
          onClose={() => {
            setIsGiving(false)
          }}
        />
      )}
    </Card>
  )
}

interface OneGrantProps {
  readonly grant: Grant
  readonly onEnded: () => void
}

const OneGrant = ({ grant, onEnded }: OneGrantProps): ReactElement => {
  const words = useWords(grantsWords)
  const { roles } = useWords(commonWords)
  const format = useFormat()
  const { rest } = useUzima()
  const { say } = useAnnouncer()
  const [isAsked, setIsAsked] = useState(false)
  const { id, kind, state, validFrom, validUntil, revokedAt, reason, grantedBy } = grant
  const role = roles[grant.role]
  const until = state === 'revoked' && revokedAt !== null ? revokedAt : validUntil
  return (
    <>
      <p>
        <span className="strong">{role}</span> <Mark kind={MARKS[state]}>{words.state[state]}</Mark>
      </p>
      <p className="small">{words.span(format.time(validFrom), format.time(until))}</p>
      <p className="muted small">
        {[...(kind === 'break_glass' ? [words.emergency] : []), reason, words.by(grantedBy)].join(
          ' · ',
        )}
      </p>
      {(state === 'active' || state === 'coming') && (
        <div className="row">
          <Button
            onClick={() => {
              setIsAsked(true)
            }}
          >
            {words.end}
          </Button>
        </div>
      )}
      {isAsked && (
        <ConfirmDialog
          title={words.endTitle(role)}
          detail={words.endDetail}
          label={words.end}
          danger
          onConfirm={async () => {
            await rest.grants.revoke(id)
            say(words.ended(role))
            onEnded()
          }}
          onClose={() => {
            setIsAsked(false)
          }}
        />
      )}
    </>
  )
}

const MARKS: Readonly<Record<Grant['state'], MarkKind>> = {
  coming: 'pending',
  active: 'good',
  ended: 'plain',
  revoked: 'plain',
}
