import type { User } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { useUser } from '../../session/use-session.js'
import { go, hrefOf } from '../../shell/address.js'
import type { ViewProps } from '../../shell/part.js'
import { Button } from '../../ui/button.js'
import { TextField } from '../../ui/field.js'
import { EmptyState } from '../../ui/surfaces.js'
import { DataTable } from '../../ui/table.js'
import { AdminFrame } from '../admin-frame.js'
import { connectionsWords } from '../connections/connections-words.js'
import { PolledNotice } from '../polled-notice.js'
import { AddUser } from './add-user.js'
import { findUsers } from './find-users.js'
import { useUsers } from './use-users.js'
import { userHref } from './user-href.js'
import { UserPage } from './user-page.js'
import { UserState } from './user-state.js'
import { usersWords } from './users-words.js'

/** All accounts, or the one that the address names. */
export const UsersView = ({ params, query }: ViewProps): ReactElement => {
  const { id } = params
  return id === undefined ? (
    <UserList search={query.get('q') ?? ''} />
  ) : (
    // Another person's answers are not this one's.
    <UserPage key={id} id={id} />
  )
}

const UserList = ({ search }: { readonly search: string }): ReactElement => {
  const words = useWords(usersWords)
  const { roles } = useWords(commonWords)
  const { stale } = useWords(connectionsWords)
  const users = useUsers()
  const [adding, setAdding] = useState(false)
  const found = findUsers(users.value ?? [], search, (role) => roles[role])
  return (
    <AdminFrame
      view="users"
      actions={
        <Button
          kind="primary"
          onClick={() => {
            setAdding(true)
          }}
        >
          {words.add}
        </Button>
      }
    >
      <TextField
        type="search"
        label={words.search}
        value={search}
        onValue={(q) => {
          go(hrefOf(['admin', 'users'], { q }), { replace: true })
        }}
      />
      <PolledNotice polled={users} failed={words.notListed} stale={stale} />
      {users.value !== undefined && (
        <>
          <p className="muted small" role="status">
            {words.count(found.length)}
          </p>
          {found.length === 0 ? (
            <EmptyState title={words.none} detail={words.noneDetail} />
          ) : (
            <UserTable users={found} />
          )}
        </>
      )}
      {adding && (
        <AddUser
          onClose={() => {
            setAdding(false)
          }}
          onAdded={users.refresh}
        />
      )}
    </AdminFrame>
  )
}

const UserTable = ({ users }: { readonly users: readonly User[] }): ReactElement => {
  const words = useWords(usersWords)
  const common = useWords(commonWords)
  const format = useFormat()
  const { userId } = useUser()
  return (
    <div className="rows-users">
      <DataTable
        label={words.count(users.length)}
        rows={users}
        keyOf={({ id }) => id}
        columns={[
          {
            id: 'name',
            head: common.userName,
            cell: (user) => (
              <>
                <a className="strong" href={userHref(user.id)}>
                  {user.username}
                </a>
                {user.id === userId && <span className="muted small"> ({words.you})</span>}
              </>
            ),
          },
          { id: 'role', head: common.role, cell: ({ role }) => common.roles[role] },
          { id: 'state', head: words.state, cell: (user) => <UserState user={user} /> },
          { id: 'email', head: common.email, cell: ({ email }) => email },
          {
            id: 'since',
            head: words.since,
            cell: ({ createdAt }) => format.day(createdAt.slice(0, 10)),
          },
        ]}
      />
    </div>
  )
}
