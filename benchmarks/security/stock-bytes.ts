import { countArrivals } from './byte-account.js'
import { openSession } from '../frame/session.js'
import { startStock } from '../frame/stock.js'
import { mapAtOnce, waitUntil } from '../../e2e/rig/timing.js'

/** What slow readers of stock Socket.IO got after they had been disconnected. */
export interface StockBytes {
  readonly readers: number
  readonly events: number
  readonly bytes: number
}

/**
 * The floor: readers that do not read, a burst of events, `disconnectSockets(true)`, then they read on. It also shows
 * that the count can be other than 0.
 */
export const countStockBytes = async (
  readers: number,
  eventBytes: number,
  events: number,
): Promise<StockBytes> => {
  await using stock = await startStock()
  const sessions = await mapAtOnce([...Array(readers).keys()], 20, async () => {
    const session = openSession(stock.url, { token: 'all' })
    await session.decided
    return session
  })
  for (const session of sessions) session.pause()
  await stock.order({ emit: { count: events, bytes: eventBytes } })
  const before = sessions.map(({ seqs }) => seqs.length)
  await stock.order({ revoke: ['all'] })
  const arrivals = countArrivals(sessions)
  for (const session of sessions) session.resume()
  await waitUntil(() => sessions.every((session) => session.closedAt() !== undefined), 20_000)
  for (const session of sessions) session.destroy()
  return {
    readers,
    events: sessions.reduce((sum, { seqs }, index) => sum + seqs.length - (before[index] ?? 0), 0),
    bytes: [...arrivals.values()].reduce((sum, arrived) => sum + arrived(), 0),
  }
}
