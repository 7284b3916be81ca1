export interface ChimeOptions {
  readonly play: () => void
  readonly isOn: () => boolean
  /** Milliseconds that only go forward. */
  readonly now: () => number
}

/** After a sound it is quiet this long, whatever comes: who works beside it must not learn to ignore it. */
export const QUIET_MS = 60_000

/** Makes the sound of new alerts: one for each alert at most, and many at once are one. */
export const createChime = ({ play, isOn, now }: ChimeOptions) => {
  const heard = new Set<string>()
  let playedAt = -Infinity
  return {
    /** Alerts have been raised. */
    raised: (ids: readonly string[]): void => {
      const fresh = ids.filter((id) => !heard.has(id))
      for (const id of fresh) heard.add(id)
      if (fresh.length === 0 || !isOn() || now() - playedAt < QUIET_MS) return
      playedAt = now()
      play()
    },
  }
}
