import { RealtimeError } from '@uzima/client'
import { useUzima } from '@uzima/client/react'
import type { Connection } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { useAnnouncer } from '../../ui/announcer.js'
import { Button } from '../../ui/button.js'
import { DataTable, type Column } from '../../ui/table.js'
import { ConfirmDialog } from '../confirm-dialog.js'
import { DeviceText } from '../device-text.js'
import { userHref } from '../users/user-href.js'
import { connectionsWords } from './connections-words.js'

interface ConnectionTableProps {
  readonly connections: readonly Connection[]
  readonly onClosed: () => void
  /** They are all of one user, who is named elsewhere. */
  readonly ofOne?: boolean
}

/** Live connections, each with a way to end it. */
export const ConnectionTable = ({
  connections,
  onClosed,
  ofOne = false,
}: ConnectionTableProps): ReactElement => {
  const words = useWords(connectionsWords)
  const common = useWords(commonWords)
  const format = useFormat()
  const ways: Readonly<Record<string, string>> = words.transports
  const [asked, setAsked] = useState<Connection | null>(null)
  const who: readonly Column<Connection>[] = ofOne
    ? []
    : [
        {
          id: 'user',
          head: common.user,
          cell: ({ userId, username, role }) => (
            <>
              <a className="strong" href={userHref(userId)}>
                {username}
              </a>
              <br />
              <span className="muted small">{common.roles[role]}</span>
            </>
          ),
        },
      ]
  return (
    <>
      <div className={ofOne ? 'rows-connections-own' : 'rows-connections'}>
        <DataTable
          label={words.summary(
            connections.length,
            new Set(connections.map(({ userId }) => userId)).size,
          )}
          rows={connections}
          keyOf={({ socketId }) => socketId}
          columns={[
            ...who,
            {
              id: 'device',
              head: words.device,
              cell: ({ userAgent }) => <DeviceText userAgent={userAgent} />,
            },
            { id: 'address', head: words.address, cell: ({ ip }) => ip },
            { id: 'since', head: words.since, cell: ({ connectedAt }) => format.time(connectedAt) },
            {
              id: 'server',
              head: words.server,
              cell: ({ node, transport }) => (
                <>
                  {node} <span className="muted small">· {ways[transport] ?? transport}</span>
                </>
              ),
            },
            {
              id: 'close',
              head: words.action,
              cell: (connection) => (
                <Button
                  aria-label={words.closeOf(connection.username)}
                  onClick={() => {
                    setAsked(connection)
                  }}
                >
                  {words.close}
                </Button>
              ),
            },
          ]}
        />
      </div>
      {asked !== null && (
        <CloseConnection
          connection={asked}
          onClosed={onClosed}
          onClose={() => {
            setAsked(null)
          }}
        />
      )}
    </>
  )
}

interface CloseConnectionProps {
  readonly connection: Connection
  readonly onClosed: () => void
  readonly onClose: () => void
}

const CloseConnection = ({ connection, onClosed, onClose }: CloseConnectionProps): ReactElement => {
  const words = useWords(connectionsWords)
  const { rest } = useUzima()
  const { toast } = useAnnouncer()
  const { username, socketId } = connection
  return (
    <ConfirmDialog
      title={words.closeTitle(username)}
      detail={words.closeDetail}
      label={words.close}
      danger
      onConfirm={async () => {
        try {
          await rest.closeConnection(socketId)
          toast(words.closed(username))
        } catch (error) {
          // What was to end has ended.
          if (!(error instanceof RealtimeError) || error.status !== 404) throw error
          toast(words.closeGone)
        }
        onClosed()
      }}
      onClose={onClose}
    />
  )
}
