import type { Logger } from '../observability/logger.js'
import type { NodeRegistry } from './node-registry.js'

export interface HeartbeatOptions {
  readonly registry: NodeRegistry
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** Default 3,000 ms. */
  readonly everyMs?: number
}

/** The signs of life of this run. */
export interface Heartbeat {
  /**
   * Calls `listener` with the sockets that the others have closed in the log because they took this node for dead: close
   * them for good. Who has come since is not among them.
   */
  readonly onGivenUp: (listener: (socketIds: readonly string[]) => void) => void
  /** Stops, waits for what is under way, and marks the run as ended. */
  readonly stop: () => Promise<void>
}

// A connection that hangs must not silence the node; more at once would only crowd the pool.
const MAX_UNDER_WAY = 3

/** Enters this run, then gives a sign of life and looks for dead nodes at each interval. Resolves once it is entered. */
export const startHeartbeat = async (options: HeartbeatOptions): Promise<Heartbeat> => {
  const { registry, logger, everyMs = 3_000 } = options
  const underWay = new Set<Promise<void>>()
  let closingDead: Promise<void> | undefined
  let isFailing = false
  let tellGivenUp: ((socketIds: readonly string[]) => void) | undefined

  const tick = (): void => {
    if (underWay.size >= MAX_UNDER_WAY) return
    const beat = beatOnce().finally(() => underWay.delete(beat))
    underWay.add(beat)
  }

  const beatOnce = async (): Promise<void> => {
    try {
      const { lostSockets } = await registry.heartbeat()
      if (isFailing) logger.info({}, 'The heartbeat of this node is back')
      isFailing = false
      if (lostSockets.length > 0) {
        const sockets = lostSockets.length
        logger.warn(
          { sockets },
          'The other nodes took this one for dead and closed its sockets in the log',
        )
        tellGivenUp?.(lostSockets)
      }
      closingDead ??= closeDead().finally(() => {
        closingDead = undefined
      })
    } catch (error) {
      if (!isFailing) logger.warn({ err: error }, 'The heartbeat of this node fails')
      isFailing = true
    }
  }

  const closeDead = async (): Promise<void> => {
    try {
      for (const run of await registry.closeDeadNodes()) {
        logger.warn({ run }, 'A node died; its sockets are closed in the log')
      }
    } catch (error) {
      logger.warn({ err: error }, 'Dead nodes could not be looked for')
    }
  }

  await registry.register()
  const timer = setInterval(tick, everyMs)
  tick()

  return {
    onGivenUp: (listener) => {
      tellGivenUp = listener
    },
    stop: async () => {
      clearInterval(timer)
      await Promise.all([...underWay, closingDead])
      await registry.end()
    },
  }
}
