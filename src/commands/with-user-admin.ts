import { loadConfig } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { createSigner, type Signer } from './signer.js'
import type { UserAdmin } from './user-admin.js'
import { createRestUserAdmin } from './user-admin-rest.js'
import { createSqlUserAdmin } from './user-admin-sql.js'
import { withStore } from './with-store.js'

/** Does `work` on the users of the configuration, by the way of `withStore`. */
export const withUserAdmin = async <T>(
  work: (admin: UserAdmin) => Promise<T>,
  config: Config = loadConfig(),
): Promise<T> => {
  // Asked for when a token is wanted: a start makes the key, not a list of users.
  const getSigner = (): Promise<Signer> => createSigner(config)
  return withStore(
    {
      inDatabase: (database) => work(createSqlUserAdmin(database, getSigner)),
      throughServer: (rest) => work(createRestUserAdmin(rest, getSigner)),
    },
    config,
  )
}
