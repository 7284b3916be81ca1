import { revokeResultSchema, userPageSchema, userSchema, type User } from '@uzima/contracts'
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
    tokenFor: async (user) => (await getSigner())({ userId: (await find(user)).id }),
  }
}

/** Reads users through a running server. */
export const createUserLookup = (rest: Rest): Pick<UserAdmin, 'list' | 'find'> => {
  const list = async (): Promise<readonly User[]> => {
    const all: User[] = []
    for (let cursor = ''; ;) {
      const query = new URLSearchParams({ limit: '500', ...(cursor === '' ? {} : { cursor }) })
      const page = await rest.request('GET', `/api/users?${query.toString()}`, userPageSchema)
      all.push(...page.users)
      if (page.nextCursor === null) return all
      cursor = page.nextCursor
    }
  }

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
