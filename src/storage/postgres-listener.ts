import pg from 'pg'

export interface ListenerOptions {
  readonly createClient: (limits: pg.ClientConfig) => pg.Client
  /** Makes a connection fit for use, or rejects where it is not. */
  readonly settle: (client: pg.Client) => Promise<void>
  readonly channel: string
  /** Called for each notification, and once after each reconnection. */
  readonly onNotify: () => void
}

// Attempts (ms after the loss): 50, 150, 350, 750, 1,550, then every second. The poll of the tail covers the gap.
const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 1_000
// A peer that vanished without a FIN is found this soon; TCP alone would take minutes.
const PROBE_EVERY_MS = 5_000
const PROBE_TIMEOUT_MS = 5_000

/**
 * Holds one connection of its own on LISTEN and opens a new one whenever it is lost. Resolves after the first
 * attempt, successful or not: a notification is a hint, so nobody has to wait for it.
 */
export const createListener = async (options: ListenerOptions): Promise<() => Promise<void>> => {
  let client: pg.Client | undefined
  let retryMs = FIRST_RETRY_MS
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const connect = async (): Promise<void> => {
    const candidate = options.createClient({ query_timeout: PROBE_TIMEOUT_MS })
    client = candidate
    const link = { lost: false }
    const onLost = (): void => {
      if (link.lost || stopped) return
      link.lost = true
      clearTimeout(timer)
      candidate.end().catch(ignore)
      timer = setTimeout(() => void connect(), retryMs)
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
    }
    candidate.on('error', onLost)
    candidate.on('end', onLost)
    candidate.on('notification', () => {
      options.onNotify()
    })
    try {
      await candidate.connect()
      await options.settle(candidate)
      await candidate.query(`listen ${pg.escapeIdentifier(options.channel)}`)
    } catch {
      onLost()
      return
    }
    if (link.lost || stopped) return
    retryMs = FIRST_RETRY_MS
    options.onNotify()
    timer = setTimeout(() => void probe(candidate, onLost), PROBE_EVERY_MS)
  }

  const probe = async (candidate: pg.Client, onLost: () => void): Promise<void> => {
    try {
      await options.settle(candidate)
    } catch {
      onLost()
      return
    }
    if (!stopped && client === candidate) {
      timer = setTimeout(() => void probe(candidate, onLost), PROBE_EVERY_MS)
    }
  }

  await connect()

  return async () => {
    stopped = true
    clearTimeout(timer)
    await client?.end().catch(ignore)
  }
}

const ignore = (): void => {
  // The connection is already gone; there is nobody to tell.
}
