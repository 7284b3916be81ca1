import type { Lot } from '@uzima/contracts'

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const number = new Intl.NumberFormat('en-GB')

const DAY_MS = 86_400_000

/** Formats a moment as `14:03:07`, with the day in front where it is not the day of `now`. */
export const formatTime = (at: number | string, now: number = Date.now()): string => {
  const moment = new Date(at)
  const sameDay = moment.toDateString() === new Date(now).toDateString()
  return (sameDay ? clock : dayAndClock).format(moment)
}

export const formatQuantity = (quantity: number): string => number.format(quantity)

/** Counts the days from today (of this device) to `date` (`YYYY-MM-DD`); negative once it has passed. */
export const daysUntil = (date: string, now: number = Date.now()): number => {
  const today = new Date(now)
  const todayUtc = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())
  return Math.round((Date.parse(`${date}T00:00:00Z`) - todayUtc) / DAY_MS)
}

/**
 * Says how far a lot's last day is: `expired 3 days ago`, `expires today`, `12 days left`. Whether it has expired the server
 * says: this device may be in another time zone.
 */
export const describeExpiry = (
  { expiryDate, expired }: Pick<Lot, 'expiryDate' | 'expired'>,
  now?: number,
): string => {
  const days = daysUntil(expiryDate, now)
  if (expired) return days < 0 ? `expired ${plural(-days, 'day')} ago` : 'expired'
  if (days <= 0) return 'expires today'
  return `${plural(days, 'day')} left`
}

export const plural = (count: number, noun: string): string =>
  `${formatQuantity(count)} ${noun}${count === 1 ? '' : 's'}`
