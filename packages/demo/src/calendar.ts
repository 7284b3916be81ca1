const DAY_MS = 86_400_000

/** The day `days` after `day` (before it, where negative); both as `YYYY-MM-DD`, in UTC. */
export const addDays = (day: string, days: number): string => {
  const time = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(time)) throw new TypeError(`"${day}" is no day: write it as YYYY-MM-DD`)
  return new Date(time + days * DAY_MS).toISOString().slice(0, 10)
}
