/** What is told of many times, in ms. */
export interface Summary {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Nearest-rank percentiles, rounded to a tenth; zeros where there is nothing. */
export function summarise(values: readonly number[]): Summary {
  const finite = Float64Array.from(values).sort()
  const at = (share: number): number => {
    const value = finite[Math.max(0, Math.ceil(share * finite.length) - 1)] ?? 0
    return Math.round(value * 10) / 10
  }
  return { count: finite.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
