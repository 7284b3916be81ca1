import { createAccessTokens, type AccessTokens } from '../auth/access-token.js'
import { createKeys } from '../auth/keys.js'
import type { Config } from '../config/schema.js'

/** Signs tokens with the server's own key, for whoever may read it. */
export type Signer = AccessTokens['signAccessToken']

export const createSigner = async (config: Config): Promise<Signer> => {
  const { signAccessToken } = createAccessTokens({
    keys: await createKeys(config),
    issuer: config.jwtIssuer,
    audience: config.jwtAudience,
    ttlMs: config.accessTokenTtlMs,
  })
  return signAccessToken
}
