import { readLivingNodes } from '../../audit/node-marks.js'
import { readGeneratedSecret } from '../../auth/generated-secret.js'
import { nodesWithOtherKeys, otherKeysSentence } from '../../auth/key-mark.js'
import { createKeys } from '../../auth/keys.js'
import type { Config } from '../../config/schema.js'
import type { Queryable } from '../../storage/database.js'
import { fail, ok, warn, type Finding } from './finding.js'

/** The nodes that live on the database: whether they are one service with what is set here. */
export const checkNodes = async (database: Queryable, config: Config): Promise<Finding[]> => {
  const nodes = await readLivingNodes(database)
  if (nodes.length === 0) return [ok('nodes', 'none runs on this database')]
  const names = nodes.map(({ name }) => name).join(', ')
  if (nodes.length > 1 && config.redisUrl === undefined) {
    return [
      fail(
        'nodes',
        `${names} run on this database, and REDIS_URL is not set here, so that messages reach one of them only. Give all nodes one REDIS_URL.`,
      ),
    ]
  }
  if (!(await hasKey(config)))
    return [
      warn(
        'nodes',
        `${names}; no key is set here to compare with theirs. Set JWT_SECRET as they have it.`,
      ),
    ]
  const others = await nodesWithOtherKeys(nodes, await createKeys(config))
  return [others.length === 0 ? ok('nodes', names) : fail('nodes', otherKeysSentence(others))]
}

/** Without one, a key would be made. */
const hasKey = async ({ jwtSecret, jwtPublicKey, jwtJwksUrl, dataDir }: Config): Promise<boolean> =>
  (jwtSecret ?? jwtPublicKey ?? jwtJwksUrl ?? (await readGeneratedSecret(dataDir))) !== undefined
