import { loadConfig } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { createRest } from './rest.js'
import { readRunningServer, type RunningServer } from '../storage/running-server.js'
import { createSigner, type Signer } from './signer.js'
import type { UserAdmin } from './user-admin.js'
import { createRestUserAdmin } from './user-admin-rest.js'
import { createSqlUserAdmin } from './user-admin-sql.js'
import { withDatabase } from './with-database.js'

/**
 * Does `work` on the users of the configuration: by SQL where DATABASE_URL is set or nothing runs on DATA_DIR, else
 * through the server that has the folder, as its administrator.
 */
export const withUserAdmin = async <T>(
  work: (admin: UserAdmin) => Promise<T>,
  config: Config = loadConfig(),
): Promise<T> => {
  const signer = await createSigner(config)
  const server =
    config.databaseUrl === undefined ? await readRunningServer(config.dataDir) : undefined
  if (server !== undefined) return work(throughServer(server, signer))
  return withDatabase(config, (database) => work(createSqlUserAdmin(database, signer)))
}

const throughServer = ({ url, adminId }: RunningServer, signer: Signer): UserAdmin => {
  if (adminId === undefined) throw new Error(NO_ADMIN)
  const getToken = (): Promise<string> => Promise.resolve(signer({ userId: adminId }).token)
  return createRestUserAdmin(createRest(url, getToken), signer)
}

const NO_ADMIN =
  'The running server had no administrator when it started, so this command cannot act through it. Stop it and try again.'
