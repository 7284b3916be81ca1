import type { ConnectionInfo } from '@uzima/client'
import { describeRefusal } from '../i18n/describe-refusal.js'
import type { Speech } from '../i18n/language.js'
import { connectionWords } from './connection-words.js'

export interface ConnectionText {
  /** `live`: what is on the screen is true. `stale`: it was. `ended`: it will not become true by waiting. */
  readonly kind: 'live' | 'loading' | 'stale' | 'ended'
  readonly title: string
  readonly detail: string
}

/** The server speaks at least each 25 s; silence beyond this means that nobody can vouch for the screen. */
export const SILENCE_LIMIT_MS = 35_000

/** Answers the one question of somebody at the shelf: is what I see true? */
export const describeConnection = (
  connection: ConnectionInfo,
  speech: Speech,
  now: number,
): ConnectionText => {
  const words = speech.words(connectionWords)
  const { phase, code, since, synced, asOf } = connection
  const time = (at: number): string => speech.format.time(at, now)
  const known = asOf === null ? words.noStock : words.asOf(time(asOf))
  const why = code === 'STARTED' || code === 'STOPPED' ? '' : describeRefusal(speech, { code })

  if (phase === 'disconnected') {
    return { kind: 'ended', title: words.ended, detail: join(why, known, words.doesNotUpdate) }
  }
  if (phase === 'connecting') {
    if (asOf === null) return { kind: 'loading', title: words.connecting, detail: join(known, why) }
    return {
      kind: 'stale',
      title: words.lostSince(time(since)),
      detail: join(known, words.mayHaveChanged),
    }
  }
  if (!synced) return { kind: 'loading', title: words.loading, detail: known }
  const contactAt = connection.lastContactAt ?? since
  if (now - contactAt > SILENCE_LIMIT_MS) {
    return {
      kind: 'stale',
      title: words.silentSince(time(contactAt)),
      detail: join(known, words.mayHaveChanged),
    }
  }
  const { verifiedAt } = connection
  return {
    kind: 'live',
    title: words.live,
    detail:
      verifiedAt === null ? words.confirmed(time(contactAt)) : words.verified(time(verifiedAt)),
  }
}

const join = (...parts: readonly string[]): string => parts.filter(Boolean).join(' ')
