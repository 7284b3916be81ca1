import type { RestClient } from '@uzima/client'
import type { AttemptOutcome } from '@uzima/contracts'

/** As in the contract; a test holds them together. */
export const ATTEMPT_OUTCOMES = [
  'accepted',
  'refused',
  'aborted',
  'closed',
] as const satisfies readonly AttemptOutcome[]

/** What of the connection log is asked for; all of it stands in the address, so that it can be sent to somebody. */
export interface LogFilters {
  /** Id of a user; empty for all. */
  readonly user: string
  readonly outcome: AttemptOutcome | ''
  /** First day, `YYYY-MM-DD` of this device; empty for from the beginning. */
  readonly from: string
  /** Last day, itself in it; empty for until now. */
  readonly to: string
}

/** What is asked of the server, but for the page. */
export type LogRequest = NonNullable<Parameters<RestClient['connectionAttempts']>[0]>

/** Reads them from an address; what no filter can be is left out. */
export const filtersOf = (query: URLSearchParams): LogFilters => {
  const outcome = query.get('outcome')
  return {
    user: query.get('user') ?? '',
    outcome: ATTEMPT_OUTCOMES.find((one) => one === outcome) ?? '',
    from: dayIn(query.get('from')),
    to: dayIn(query.get('to')),
  }
}

/** What the server is asked, with the days as moments of this device's time zone. */
export const requestOf = ({ user, outcome, from, to }: LogFilters): LogRequest => ({
  ...(user === '' ? {} : { userId: user }),
  ...(outcome === '' ? {} : { outcome }),
  ...(from === '' ? {} : { since: startOf(from, 0) }),
  ...(to === '' ? {} : { until: startOf(to, 1) }),
})

const dayIn = (text: string | null): string =>
  text !== null && /^[1-9]\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : ''

/** The first moment of the day that is `later` days after `day`, here: a day may have 23 or 25 hours. */
const startOf = (day: string, later: number): string => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).toISOString()
}
