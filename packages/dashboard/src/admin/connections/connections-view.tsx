import type { Connection } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { go, hrefOf } from '../../shell/address.js'
import type { ViewProps } from '../../shell/part.js'
import { Banner } from '../../ui/banner.js'
import { TextField } from '../../ui/field.js'
import { EmptyState } from '../../ui/surfaces.js'
import { AdminFrame } from '../admin-frame.js'
import { PolledNotice } from '../polled-notice.js'
import { ConnectionTable } from './connection-table.js'
import { connectionsWords } from './connections-words.js'
import { useConnections } from './use-connections.js'

/** Who is connected now, over all servers. */
export const ConnectionsView = ({ query }: ViewProps): ReactElement => {
  const words = useWords(connectionsWords)
  const format = useFormat()
  const connections = useConnections()
  const search = query.get('q') ?? ''
  const { connections: all = [], missingNodes = [] } = connections.value ?? {}
  const found = all
    .filter((connection) => fits(connection, search))
    .sort((a, b) => format.compare(a.username, b.username) || compare(b.connectedAt, a.connectedAt))
  return (
    <AdminFrame view="connections">
      <TextField
        type="search"
        label={words.search}
        value={search}
        onValue={(q) => {
          go(hrefOf(['admin', 'connections'], { q }), { replace: true })
        }}
      />
      <PolledNotice polled={connections} failed={words.notRead} stale={words.stale} />
      {missingNodes.length > 0 && (
        <Banner kind="warn" role="status">
          <p>{words.missing(format.list(missingNodes), missingNodes.length)}</p>
        </Banner>
      )}
      {connections.value !== undefined && (
        <>
          <p className="muted small" role="status">
            {words.summary(found.length, new Set(found.map(({ userId }) => userId)).size)}
          </p>
          {found.length === 0 ? (
            <EmptyState title={all.length === 0 ? words.none : words.noneFound} />
          ) : (
            <ConnectionTable connections={found} onClosed={connections.refresh} />
          )}
        </>
      )}
    </AdminFrame>
  )
}

const fits = ({ username, ip, node }: Connection, search: string): boolean =>
  `${username} ${ip} ${node}`.toLowerCase().includes(search.trim().toLowerCase())

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
