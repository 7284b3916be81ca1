import { InvalidArgumentError } from 'commander'

/** An ISO 8601 date or time, such as 2026-01-31. */
export const parseTime = (text: string): Date => {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('Write an ISO 8601 date or time.')
  }
  return time
}

/** A whole number from 1 on. */
export const parseCount = (text: string): number => {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError('It is a whole number above 0.')
  }
  return count
}
