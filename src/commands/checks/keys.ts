import { readGeneratedSecret } from '../../auth/generated-secret.js'
import { inspectKeyHost } from '../../auth/key-host.js'
import { createKeys } from '../../auth/keys.js'
import type { Config } from '../../config/schema.js'
import { ok, type Finding } from './finding.js'

/** The keys as they are set; the one that a start would make is not made. */
export const checkKeys = async (config: Config): Promise<Finding[]> => {
  const { jwtSecret, jwtPublicKey, jwtJwksUrl, dataDir } = config
  const given = [
    ...(jwtSecret === undefined ? [] : ['JWT_SECRET']),
    ...(jwtPublicKey === undefined ? [] : ['JWT_PUBLIC_KEY']),
    ...(jwtJwksUrl === undefined ? [] : ['JWT_JWKS_URL']),
  ]
  if (given.length === 0) {
    const made = await readGeneratedSecret(dataDir)
    return [
      ok(
        'keys',
        made === undefined
          ? 'no key is set; the first start makes one in DATA_DIR'
          : 'signed with the key in DATA_DIR',
      ),
    ]
  }
  await createKeys(config)
  return [ok('keys', `${given.join(', ')} can be used`)]
}

/** The host that publishes another issuer's keys. */
export const checkKeyHost = async ({ jwtJwksUrl, jwtAlgorithms }: Config): Promise<Finding[]> =>
  jwtJwksUrl === undefined
    ? []
    : [{ check: 'key-host', ...(await inspectKeyHost(jwtJwksUrl, jwtAlgorithms)) }]
