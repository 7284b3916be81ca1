/** What one check of `uzima doctor` found. */
export interface Finding {
  /** Stable, for programs. */
  readonly check: string
  readonly level: 'ok' | 'warn' | 'fail'
  /** How it is; where it is not ok, also what to do. */
  readonly says: string
}

export const ok = (check: string, says: string): Finding => ({ check, level: 'ok', says })
export const warn = (check: string, says: string): Finding => ({ check, level: 'warn', says })
export const fail = (check: string, says: string): Finding => ({ check, level: 'fail', says })

/** Bytes for people. */
export const sizeOf = (bytes: number): string => {
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1_000
  while (value >= 1_000 && units.length > 1) {
    value /= 1_000
    units.shift()
  }
  return `${value >= 10 ? Math.round(value).toString() : value.toFixed(1)} ${units[0] ?? ''}`
}
