import { KEEP_FREE_BYTES } from '../free-space.js'

/** How a disk stood at one time. */
export interface DiskSample {
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly at: number
  /** Bytes that can still be written. */
  readonly free: number
  /** The same once there are as many copies as are to be kept; below zero where they do not all fit. */
  readonly spare: number
}

export interface DiskForecast {
  /** Bytes that the disk loses a day; below zero where it gains. */
  readonly lostPerDay: number
  /** Days until the embedded store takes nothing more; Infinity where the disk does not fill. */
  readonly daysLeft: number
}

/** With fewer days left, somebody has to do something. */
export const FEW_DAYS = 28

const DAY_MS = 86_400_000
const WINDOW_DAYS = 14
/** Two nights: a day alone has its own ups and downs. */
const LEAST_MS = 2 * DAY_MS
const LEAST_DAYS = 3

/**
 * Tells from what was measured within the last 14 days when the disk is full, taking it as it is in the newest sample. Samples
 * of the future, which a wrong clock has made, count for nothing, as older ones do. Undefined before two days are known.
 *
 * It is the median of the slopes between any two days (Theil and Sen), each day being the median of its own samples: what comes
 * and goes within a day is not seen, and one large file, come or gone, changes the slopes over that night alone. Copies that are
 * yet to come are counted as there: while the first ones gather, the disk loses one after the other, and then no more. Where
 * they do not all fit, what is free counts as it is.
 */
export const forecastDisk = (
  samples: readonly DiskSample[],
  now: number,
): DiskForecast | undefined => {
  const known = samples
    .filter(({ at }) => at <= now && now - at < WINDOW_DAYS * DAY_MS)
    .sort((a, b) => a.at - b.at)
  const [oldest, newest] = [known[0], known.at(-1)]
  if (oldest === undefined || newest === undefined || now - oldest.at < LEAST_MS) return undefined
  const what = newest.spare > KEEP_FREE_BYTES ? 'spare' : 'free'
  const points = Array.from({ length: WINDOW_DAYS }, (_, age) =>
    known.filter(({ at }) => Math.floor((now - at) / DAY_MS) === WINDOW_DAYS - 1 - age),
  )
    .filter((day) => day.length > 0)
    .map((day) => ({
      at: median(day.map(({ at }) => at)),
      bytes: median(day.map((sample) => sample[what])),
    }))
  if (points.length < LEAST_DAYS) return undefined
  const slopes = points.flatMap((from, index) =>
    points.slice(index + 1).map((to) => (from.bytes - to.bytes) / ((to.at - from.at) / DAY_MS)),
  )
  const lostPerDay = median(slopes)
  const left = Math.max(newest[what] - KEEP_FREE_BYTES, 0)
  return { lostPerDay, daysLeft: lostPerDay > 0 ? left / lostPerDay : Infinity }
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return lower + (upper - lower) / 2
}
