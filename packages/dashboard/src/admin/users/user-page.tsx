import { RealtimeError } from '@uzima/client'
import { useUzima } from '@uzima/client/react'
import { useCallback, useRef, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { useUser } from '../../session/use-session.js'
import { hrefOf } from '../../shell/address.js'
import { Banner } from '../../ui/banner.js'
import { ButtonLink } from '../../ui/button.js'
import { Card, EmptyState } from '../../ui/surfaces.js'
import { AdminFrame } from '../admin-frame.js'
import { adminWords } from '../admin-words.js'
import { connectionsWords } from '../connections/connections-words.js'
import { ConnectionTable } from '../connections/connection-table.js'
import { useConnections } from '../connections/use-connections.js'
import { PolledNotice } from '../polled-notice.js'
import { usePolled } from '../use-polled.js'
import { Grants } from './grants.js'
import { Proofs } from './proofs.js'
import { UserActions } from './user-actions.js'
import { UserState } from './user-state.js'
import { usersWords } from './users-words.js'
import { useProofs } from './use-proofs.js'

const EVERY_MS = 10_000

/** One account: who it is, what can be done about it, where it is connected, and the proof that an access has ended. */
export const UserPage = ({ id }: { readonly id: string }): ReactElement => {
  const words = useWords(usersWords)
  const common = useWords(commonWords)
  const { stale } = useWords(connectionsWords)
  const { explain: toExplain } = useWords(adminWords)
  const format = useFormat()
  const { rest } = useUzima()
  const { userId } = useUser()
  // That somebody has deleted it is an answer, and no failure.
  const user = usePolled(
    useCallback(
      () =>
        rest.users.get(id).catch((error: unknown) => {
          if (isNotFound(error)) return null
          throw error
        }),
      [rest, id],
    ),
    EVERY_MS,
  )
  const connections = useConnections()
  const proofs = useProofs(id)
  const proofHeading = useRef<HTMLHeadingElement>(null)
  const showProof = useCallback(() => {
    proofHeading.current?.focus()
    proofHeading.current?.scrollIntoView({ block: 'start' })
  }, [])
  const back = (
    <ButtonLink kind="quiet" href={hrefOf(['admin', 'users'])}>
      ← {words.back}
    </ButtonLink>
  )
  if (user.value === null) {
    return (
      <AdminFrame view="users" title={words.gone} actions={back}>
        <EmptyState title={words.gone} detail={words.goneDetail} />
        <Proofs proofs={proofs} />
      </AdminFrame>
    )
  }
  const own = connections.value?.connections.filter((one) => one.userId === id) ?? []
  const refresh = (): void => {
    user.refresh()
    connections.refresh()
    proofs.refresh()
  }
  return (
    <AdminFrame view="users" title={user.value?.username ?? '…'} actions={back}>
      <PolledNotice polled={user} failed={words.notListed} stale={stale} />
      {user.value !== undefined && (
        <>
          {id === userId && (
            <Banner kind="warn">
              <p>{words.thisIsYou}</p>
            </Banner>
          )}
          <div className="admin-columns">
            <div className="stack">
              <Card title={words.account}>
                <dl className="facts">
                  <dt>{words.state}</dt>
                  <dd>
                    <UserState user={user.value} />
                  </dd>
                  <dt>{common.role}</dt>
                  <dd>{common.roles[user.value.role]}</dd>
                  <dt>{common.email}</dt>
                  <dd>{user.value.email}</dd>
                  <dt>{words.since}</dt>
                  <dd>{format.day(user.value.createdAt.slice(0, 10))}</dd>
                </dl>
                <UserActions user={user.value} onDone={refresh} onEnded={showProof} />
              </Card>
              <Grants user={user.value} onChanged={refresh} />
              <Card title={words.nowConnected}>
                <PolledNotice polled={connections} failed={words.notListed} stale={stale} />
                {connections.value !== undefined && own.length === 0 && (
                  <p className="muted">{words.notConnected}</p>
                )}
                {own.length > 0 && <ConnectionTable connections={own} onClosed={refresh} ofOne />}
                <div className="row">
                  <ButtonLink href={hrefOf(['admin', 'log'], { user: id })}>
                    {words.toLog}
                  </ButtonLink>
                  <ButtonLink href={hrefOf(['admin', 'explain'], { user: id })}>
                    {toExplain}
                  </ButtonLink>
                </div>
              </Card>
            </div>
            <Proofs proofs={proofs} heading={proofHeading} />
          </div>
        </>
      )}
    </AdminFrame>
  )
}

const isNotFound = (error: unknown): boolean =>
  error instanceof RealtimeError && error.status === 404
