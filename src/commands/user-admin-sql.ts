import type { Grant, User } from '@uzima/contracts'
import { userInfo } from 'node:os'
import { createPasswords } from '../auth/passwords.js'
import type { Database } from '../storage/database.js'
import { createGrants } from '../users/grants.js'
import { createUsers } from '../users/users.js'
import type { Signer } from './signer.js'
import type { UserAdmin } from './user-admin.js'

const PAGE = 200

/** Manages users in the database itself, without a server. */
export const createSqlUserAdmin = (
  database: Database,
  getSigner: () => Promise<Signer>,
): UserAdmin => {
  const users = createUsers({ database, passwords: createPasswords() })
  const grants = createGrants(database)
  const actor = `cli:${loginName()}`

  const list = async (): Promise<readonly User[]> => {
    const all: User[] = []
    for (let cursor: string | undefined; ;) {
      const page = await users.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
      all.push(...page.users)
      if (page.nextCursor === null) return all
      cursor = page.nextCursor
    }
  }

  const idOf = async (user: string): Promise<{ id: string; authVersion: number }> => {
    const [row] = await database.query<{ id: string; authVersion: number }>(
      `select id::text, auth_version as "authVersion" from users
       where lower(username) = lower($1) or id::text = $1`,
      [user],
    )
    if (row === undefined) throw new Error(`No user is called ${user}; see uzima user list.`)
    return row
  }

  return {
    list,
    find: async (user) => users.get((await idOf(user)).id),
    add: (user) => users.create(actor, user),
    setRole: async (user, role) => users.update(actor, (await idOf(user)).id, { role }),
    deactivate: async (user) => users.update(actor, (await idOf(user)).id, { isActive: false }),
    revoke: async (user) => users.revoke(actor, (await idOf(user)).id),
    grants: async (user) => {
      const { id } = await idOf(user)
      const all: Grant[] = []
      for (let cursor: string | undefined; ;) {
        const page = await grants.list(id, {
          limit: PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        })
        all.push(...page.grants)
        if (page.nextCursor === null) return all
        cursor = page.nextCursor
      }
    },
    grant: async (user, grant) => grants.create(actor, (await idOf(user)).id, grant),
    endGrant: (id) => grants.revoke(actor, id),
    tokenFor: async (user) => {
      const { id, authVersion } = await idOf(user)
      return (await getSigner())({ userId: id, authVersion })
    },
  }
}

/** A container may run us under a number that has no name. */
const loginName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
