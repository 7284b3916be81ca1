import { readLivingNodes, showKeyMark } from '../audit/node-marks.js'
import { inspectKeyHost } from '../auth/key-host.js'
import { keyMark, nodesWithOtherKeys, otherKeysSentence } from '../auth/key-mark.js'
import type { Keys } from '../auth/keys.js'
import { CLOCK_OFF_MS, clockSentence } from '../log/clock-offset.js'
import type { Tail } from '../log/tail.js'
import type { Database } from '../storage/database.js'
import type { Base } from './base.js'

/**
 * Looks once at what a start does not depend on and an operator must know of: the clock of this machine, the host of
 * JWT_JWKS_URL, the keys of the other nodes. Says it in the log, in its own time; `uzima doctor` says the same.
 */
export const lookAtSurroundings = (
  { config, logger, node, releases }: Base,
  {
    database,
    keys,
    tail,
  }: { readonly database: Database; readonly keys: Keys; readonly tail: Tail },
): void => {
  let stopped = false
  const aheadMs = Date.now() - tail.now()
  if (Math.abs(aheadMs) > CLOCK_OFF_MS) logger.warn({ aheadMs }, clockSentence(aheadMs))

  const lookAtKeyHost = async (url: string): Promise<void> => {
    const { level, says } = await inspectKeyHost(url, config.jwtAlgorithms)
    if (level !== 'ok' && !stopped) logger.warn(says)
  }
  if (config.jwtJwksUrl !== undefined) void lookAtKeyHost(config.jwtJwksUrl)

  const compareKeys = async (): Promise<void> => {
    const { signingKey } = keys
    // A node without Redis is the only one.
    if (signingKey === undefined || config.redisUrl === undefined) return
    await showKeyMark(database, node, await keyMark(signingKey, node.id))
    const living = await readLivingNodes(database)
    const others = await nodesWithOtherKeys(
      living.filter(({ id }) => id !== node.id),
      keys,
    )
    if (others.length > 0) logger.error({ nodes: others }, otherKeysSentence(others))
  }
  const compared = compareKeys().catch((error: unknown) => {
    if (!stopped) logger.warn({ err: error }, 'The keys of the other nodes could not be compared')
  })
  releases.add('surroundings', () => {
    stopped = true
    return compared
  })
}
