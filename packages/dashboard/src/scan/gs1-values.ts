const BARE_GTIN = /^(?:\d{8}|\d{12,14})$/

/**
 * Gives the GTIN of 14 digits that a bare EAN-8, UPC-A, EAN-13 or GTIN-14 stands for; null where the length or the check
 * digit is not that of one.
 */
export const gtinOf = (digits: string): string | null =>
  BARE_GTIN.test(digits) && hasCheckDigit(digits) ? digits.padStart(14, '0') : null

/** Whether the last digit is what the others demand: weights 3 and 1, from the right. */
const hasCheckDigit = (digits: string): boolean => {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}

/**
 * Reads a label's date (`YYMMDD`) as `YYYY-MM-DD`; null where there is no such day. Day 00 is the last of its month, and the
 * two digits are the year nearest to `thisYear`: at most 49 back, at most 50 ahead (GS1 General Specifications 7.12).
 */
export const dateOf = (digits: string, thisYear: number): string | null => {
  if (!/^\d{6}$/.test(digits)) return null
  const [yy = 0, month = 0, day = 0] = (digits.match(/\d\d/g) ?? []).map(Number)
  const year = yearOf(yy, thisYear)
  if (month < 1 || month > 12) return null
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (day > lastDay) return null
  return [year, pad(month), pad(day === 0 ? lastDay : day)].join('-')
}

const yearOf = (yy: number, thisYear: number): number => {
  const century = thisYear - (thisYear % 100)
  const ahead = yy - (thisYear % 100)
  if (ahead >= 51) return century - 100 + yy
  return ahead <= -50 ? century + 100 + yy : century + yy
}

const pad = (part: number): string => part.toString().padStart(2, '0')
