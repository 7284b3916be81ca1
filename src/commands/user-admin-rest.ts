import {
  grantPageSchema,
  grantSchema,
  revokeResultSchema,
  userPageSchema,
  userSchema,
  type Grant,
  type User,
} from '@uzima/contracts'
import type { Rest } from './rest.js'
import type { Signer } from './signer.js'
import type { UserAdmin } from './user-admin.js'

/** Manages users through a running server; `rest` carries the token of an administrator. */
export const createRestUserAdmin = (rest: Rest, getSigner: () => Promise<Signer>): UserAdmin => {
  const { list, find } = createUserLookup(rest)

  const pathOf = async (user: string): Promise<string> => `/api/users/${(await find(user)).id}`

  return {
    list,
    find,
    add: (user) => rest.request('POST', '/api/users', userSchema, user),
    setRole: async (user, role) => rest.request('PATCH', await pathOf(user), userSchema, { role }),
    deactivate: async (user) =>
      rest.request('PATCH', await pathOf(user), userSchema, { isActive: false }),
    revoke: async (user) =>
      rest.request('POST', `${await pathOf(user)}/revoke`, revokeResultSchema),
    grants: async (user) => {
      const path = `${await pathOf(user)}/grants`
      return allPages<Grant>(async (query) => {
        const page = await rest.request('GET', `${path}?${query}`, grantPageSchema)
        return { items: page.grants, nextCursor: page.nextCursor }
      })
    },
    grant: async (user, grant) =>
      rest.request('POST', `${await pathOf(user)}/grants`, grantSchema, grant),
    endGrant: (id) => rest.request('DELETE', `/api/grants/${encodeURIComponent(id)}`, grantSchema),
    tokenFor: async (user) => (await getSigner())({ userId: (await find(user)).id }),
  }
}

/** Reads users through a running server. */
export const createUserLookup = (rest: Rest): Pick<UserAdmin, 'list' | 'find'> => {
  const list = (): Promise<readonly User[]> =>
    allPages<User>(async (query) => {
      const page = await rest.request('GET', `/api/users?${query}`, userPageSchema)
      return { items: page.users, nextCursor: page.nextCursor }
    })

  const find = async (user: string): Promise<User> => {
    const wanted = user.toLowerCase()
    const found = (await list()).find(
      ({ id, username }) => id === wanted || username.toLowerCase() === wanted,
    )
    if (found === undefined) throw new Error(`No user is called ${user}; see uzima user list.`)
    return found
  }

  return { list, find }
}

const allPages = async <T>(
  read: (
    query: string,
  ) => Promise<{ readonly items: readonly T[]; readonly nextCursor: string | null }>,
): Promise<readonly T[]> => {
  const all: T[] = []
  for (let cursor = ''; ;) {
    const query = new URLSearchParams({ limit: '500', ...(cursor === '' ? {} : { cursor }) })
    const { items, nextCursor } = await read(query.toString())
    all.push(...items)
    if (nextCursor === null) return all
    cursor = nextCursor
  }
}
