import { readServiceName } from '../log/service-name.js'
import type { Tail } from '../log/tail.js'
import type { Database } from '../storage/database.js'
import type { Base } from './base.js'

/** Which service this node belongs to, as its database tells. */
export interface Service {
  readonly name: () => string
  /** Told the new name after a restore or a new epoch below the running node. */
  readonly onRename: (listener: (name: string) => void) => void
}

const AGAIN_AFTER_MS = 1_000

/** Reads the name of the service, and again whenever the log begins anew. */
export const followService = async (
  base: Base,
  database: Database,
  tail: Tail,
): Promise<Service> => {
  const { logger, releases } = base
  const listeners: ((name: string) => void)[] = []
  let name = await readServiceName(database)
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const readAgain = async (): Promise<void> => {
    clearTimeout(timer)
    try {
      const next = await readServiceName(database)
      if (next === name || stopped) return
      name = next
      for (const listener of listeners) listener(next)
    } catch (error) {
      if (stopped) return
      logger.warn({ err: error }, 'The name of the service could not be read; it is tried again')
      timer = setTimeout(() => void readAgain(), AGAIN_AFTER_MS)
    }
  }
  const unsubscribe = tail.subscribe({
    onEntries: () => {
      // No entry changes the name.
    },
    onReset: () => void readAgain(),
  })
  releases.add('service name', () => {
    stopped = true
    clearTimeout(timer)
    unsubscribe()
  })
  return {
    name: () => name,
    onRename: (listener) => {
      listeners.push(listener)
    },
  }
}
