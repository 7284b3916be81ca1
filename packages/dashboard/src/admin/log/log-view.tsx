import { useUzima } from '@uzima/client/react'
import type { ConnectionAttempt } from '@uzima/contracts'
import { useMemo, type ReactElement } from 'react'
import { useFormat, useWords } from '../../i18n/use-words.js'
import type { ViewProps } from '../../shell/part.js'
import { Banner } from '../../ui/banner.js'
import { Button } from '../../ui/button.js'
import { Mark, type MarkKind } from '../../ui/mark.js'
import { EmptyState, Spinner } from '../../ui/surfaces.js'
import { DataTable } from '../../ui/table.js'
import { ActionError } from '../action-error.js'
import { AdminFrame } from '../admin-frame.js'
import { DeviceText } from '../device-text.js'
import { useUsers } from '../users/use-users.js'
import { userHref } from '../users/user-href.js'
import { codeWords } from './code-words.js'
import { ExportLog } from './export-log.js'
import { LogFilterForm } from './log-filter-form.js'
import { filtersOf, requestOf } from './log-filters.js'
import { logWords } from './log-words.js'
import { useLogPages } from './use-log-pages.js'
import { commonWords } from '../../i18n/common-words.js'

/** Every attempt to connect and every end of a connection, newest first, as far as the filters of the address go. */
export const LogView = ({ query }: ViewProps): ReactElement => {
  const words = useWords(logWords)
  const { loading } = useWords(commonWords)
  const { rest } = useUzima()
  const text = query.toString()
  const filters = useMemo(() => filtersOf(new URLSearchParams(text)), [text])
  const request = useMemo(() => requestOf(filters), [filters])
  const { value: users = [] } = useUsers()
  const names = useMemo(() => new Map(users.map(({ id, username }) => [id, username])), [users])
  const log = useLogPages(rest.connectionAttempts, request)
  return (
    <AdminFrame view="log" actions={<ExportLog request={request} nameOf={(id) => names.get(id)} />}>
      <LogFilterForm filters={filters} users={users} />
      {log.error !== undefined && (
        <Banner kind="error" title={words.notRead}>
          <ActionError error={log.error} />
        </Banner>
      )}
      {log.attempts.length > 0 ? (
        <LogTable attempts={log.attempts} names={names} />
      ) : log.busy ? (
        <Spinner label={loading} />
      ) : (
        log.error === undefined && <EmptyState title={words.none} detail={words.noneDetail} />
      )}
      <div className="row-apart">
        <p className="muted small" role="status">
          {words.shown(log.attempts.length)}
        </p>
        {log.more !== undefined && (
          <Button busy={log.busy} onClick={log.more}>
            {words.older}
          </Button>
        )}
      </div>
    </AdminFrame>
  )
}

interface LogTableProps {
  readonly attempts: readonly ConnectionAttempt[]
  readonly names: ReadonlyMap<string, string>
}

const LogTable = ({ attempts, names }: LogTableProps): ReactElement => {
  const words = useWords(logWords)
  const format = useFormat()
  return (
    <div className="rows-log">
      <DataTable
        label={words.shown(attempts.length)}
        rows={attempts.map((attempt, index) => ({ ...attempt, index }))}
        // Newest first, and older ones come behind: a row never moves.
        keyOf={({ index }) => index.toString()}
        columns={[
          { id: 'when', head: words.when, cell: ({ at }) => format.moment(at) },
          { id: 'what', head: words.what, cell: (attempt) => <Happening attempt={attempt} /> },
          {
            id: 'who',
            head: words.who,
            cell: ({ userId }) =>
              userId === null ? (
                <span className="muted">{words.unknown}</span>
              ) : names.has(userId) ? (
                <a href={userHref(userId)}>{names.get(userId)}</a>
              ) : (
                <span className="muted small">{words.somebodyGone(userId.slice(0, 8))}</span>
              ),
          },
          {
            id: 'where',
            head: words.where,
            cell: ({ ip, origin }) => (
              <>
                {ip ?? '–'}
                {origin !== null && origin !== location.origin && (
                  <>
                    <br />
                    <span className="muted small">{origin}</span>
                  </>
                )}
              </>
            ),
          },
          {
            id: 'device',
            head: words.device,
            cell: ({ userAgent }) => <DeviceText userAgent={userAgent} />,
          },
          { id: 'server', head: words.server, cell: ({ node }) => node },
        ]}
      />
    </div>
  )
}

const MARKS: Readonly<Record<ConnectionAttempt['outcome'], MarkKind>> = {
  accepted: 'good',
  refused: 'out',
  aborted: 'low',
  closed: 'plain',
}

const Happening = ({ attempt }: { readonly attempt: ConnectionAttempt }): ReactElement => {
  const words = useWords(logWords)
  const codes = useWords(codeWords)
  const { outcome, code, count } = attempt
  return (
    <>
      <Mark kind={MARKS[outcome]}>{words.outcomes[outcome]}</Mark>
      {code !== null && <span className="small"> {codes[code] ?? words.other}</span>}
      {count > 1 && <span className="strong small"> ({words.times(count)})</span>}
    </>
  )
}
