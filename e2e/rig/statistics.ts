/** Order statistics of measured times, in milliseconds; zeros where there is none. */
export interface Summary {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Summarises by nearest rank: each figure is a time that was really measured. */
export const summarise = (values: readonly number[]): Summary => {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number => Math.round((atRank(sorted, share) ?? 0) * 10) / 10
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** The value that `share` of the values do not exceed, by nearest rank; NaN where there is none. */
export const quantile = (values: ArrayLike<number>, share: number): number =>
  atRank(Float64Array.from(values).sort(), share) ?? Number.NaN

const atRank = (sorted: Float64Array, share: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]

/** A summary as the table shows it. */
export const told = ({ p50, p99, max }: Summary): string =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`

/** A whole number with its thousands apart. */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')
