import {
  erasureListSchema,
  eraseResultSchema,
  type Erasure,
  type EraseResult,
} from '@uzima/contracts'
import { isUuid } from '../auth/uuid.js'
import { createErasures } from '../users/erasures.js'
import { LONG_TIMEOUT_MS } from './rest.js'
import { createUserLookup } from './user-admin-rest.js'
import { createSqlUserAdmin, sqlActor } from './user-admin-sql.js'
import type { UserAdmin } from './user-admin.js'
import { withStore } from './with-store.js'

/** What is kept about people, as the command line asks for it. `user` is a user name, or the id of anybody who ever was one. */
export interface ErasureAdmin {
  readonly erase: (user: string, reason?: string) => Promise<EraseResult>
  readonly list: () => Promise<readonly Erasure[]>
  /** The text of one JSON document, a piece at a time. */
  readonly data: (user: string) => Promise<AsyncIterable<string | Buffer>>
}

/** Does `work` by the way of `withStore`. */
export const withErasureAdmin = <T>(work: (admin: ErasureAdmin) => Promise<T>): Promise<T> =>
  withStore({
    inDatabase: (database) => {
      const users = createSqlUserAdmin(database, () =>
        Promise.reject(new Error('No token is needed here.')),
      )
      const erasures = createErasures(database)
      return work({
        erase: async (user, reason) => erasures.erase(sqlActor(), await idOf(users, user), reason),
        list: () => erasures.list(),
        data: async (user) => erasures.data(await idOf(users, user)),
      })
    },
    throughServer: (rest) => {
      const users = createUserLookup(rest)
      return work({
        erase: async (user, reason) =>
          rest.request(
            'POST',
            `/api/users/${await idOf(users, user)}/erase`,
            eraseResultSchema,
            reason === undefined ? {} : { reason },
            LONG_TIMEOUT_MS,
          ),
        list: async () => (await rest.request('GET', '/api/erasures', erasureListSchema)).erasures,
        data: async (user) =>
          (await rest.download(`/api/users/${await idOf(users, user)}/data`)).pieces,
      })
    },
  })

/** Who was deleted has only an id. */
const idOf = async (users: Pick<UserAdmin, 'find'>, user: string): Promise<string> =>
  isUuid(user) ? user : (await users.find(user)).id
