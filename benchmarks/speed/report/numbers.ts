import { median } from '../samples.js'

/** A number with three digits that count, and its thousands apart. */
export const short = (value: number): string => {
  if (!Number.isFinite(value)) return '?'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

/** The median, and from where to where the rounds went. */
export const spread = (values: readonly number[]): string => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return values.length < 2
    ? short(median(values))
    : `${short(median(values))} (${short(low)} to ${short(high)})`
}
