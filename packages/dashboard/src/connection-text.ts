import type { ConnectionStatus } from '@uzima/client'
import { formatTime } from './format.js'

export interface ConnectionText {
  /** `live`: what is on the screen is true. `stale`: it was. `ended`: it will not become true by waiting. */
  readonly kind: 'live' | 'loading' | 'stale' | 'ended'
  readonly title: string
  readonly detail: string
}

/** The server speaks at least each 25 s; silence beyond this means that nobody can vouch for the screen. */
export const SILENCE_LIMIT_MS = 35_000

/**
 * Answers the one question of somebody at the shelf: is what I see true? `asOf` is when the stock on the
 * screen was last known to be complete; null before the first time.
 */
export const describeConnection = (
  status: ConnectionStatus,
  asOf: number | null,
  now: number,
): ConnectionText => {
  const known = asOf === null ? 'No stock loaded yet.' : `Stock as of ${formatTime(asOf, now)}.`
  if (status.phase === 'disconnected') {
    return {
      kind: 'ended',
      title: 'Disconnected',
      detail: `${status.reason} (${status.code}). ${known} It does not update any more.`,
    }
  }
  if (status.phase === 'connecting') {
    if (asOf === null) {
      const why = status.code === 'STARTED' ? '' : ` ${status.reason}.`
      return { kind: 'loading', title: 'Connecting', detail: `${known}${why}` }
    }
    return {
      kind: 'stale',
      title: `Reconnecting since ${formatTime(status.since, now)}`,
      detail: `${known} It may have changed. ${status.reason}.`,
    }
  }
  if (!status.synced) return { kind: 'loading', title: 'Loading the stock', detail: known }
  const contactAt = status.lastContactAt ?? status.since
  if (now - contactAt > SILENCE_LIMIT_MS) {
    return {
      kind: 'stale',
      title: `No word from the server since ${formatTime(contactAt, now)}`,
      detail: `${known} It may have changed.`,
    }
  }
  return { kind: 'live', title: 'Live', detail: `Confirmed at ${formatTime(contactAt, now)}.` }
}
