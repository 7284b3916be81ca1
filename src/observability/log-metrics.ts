import { INVENTORY_CHANGE_TYPES, RESET_REASONS } from '@uzima/contracts'
import type { Counter, Gauge, Histogram } from 'prom-client'
import type { MakeMetrics } from './make-metrics.js'

/** What a node tells of the log: where it is, how far behind, and what came out of it. */
export interface LogMetrics {
  /** Number of the newest entry, as this node last read it. */
  readonly logHeadSeq: Gauge
  /** Number up to which this node has delivered the log. */
  readonly logPositionSeq: Gauge
  /** Entries that this node knows of and has not delivered. */
  readonly logTailLag: Gauge
  /** Seconds since this node last knew the head of the log. */
  readonly logConfirmedAge: Gauge
  /** Seconds from the COMMIT of a change to its being written to the sockets of this node. */
  readonly commitToDelivery: Histogram
  /** Seconds from the COMMIT of the newest entry that a client says to have applied to its saying so. */
  readonly commitToApplied: Histogram
  /** Sessions without a row of `deliveries`. */
  readonly deliveriesDropped: Counter
  /** Seconds from the COMMIT that ended a right to its sockets being closed or re-roomed on this node. */
  readonly revocation: Histogram
  /** Entries sent to clients that came back with a position. */
  readonly replayed: Counter
  /** Clients told to read the snapshot. */
  readonly resets: Counter<'reason'>
  /** Changes of items, whoever wrote them. */
  readonly movements: Counter<'type'>
  /** Alerts that are not resolved; set by `beforeScrape`. */
  readonly alerts: Gauge<'kind' | 'state'>
  /** Roles that somebody took in an emergency. */
  readonly breakGlass: Counter
  /** Of them, those whose review is open; set by `beforeScrape`. */
  readonly openReviews: Gauge
  /** Clients' views that were not what the database said. */
  readonly divergences: Counter
}

export const createLogMetrics = (make: MakeMetrics): LogMetrics => {
  const metrics = makeAll(make)
  // There before the first one, or its increase from nothing is not seen.
  for (const reason of RESET_REASONS) metrics.resets.inc({ reason }, 0)
  for (const type of INVENTORY_CHANGE_TYPES) metrics.movements.inc({ type }, 0)
  return metrics
}

const makeAll = ({ gauge, counter, latency }: MakeMetrics): LogMetrics => ({
  logHeadSeq: gauge(
    'uzima_log_head_seq',
    'Number of the newest entry of the log when this node last read it.',
  ),
  logPositionSeq: gauge('uzima_log_position_seq', 'Number up to which this node has delivered.'),
  logTailLag: gauge(
    'uzima_log_tail_lag_entries',
    'Entries that this node has seen the number of and not delivered.',
  ),
  logConfirmedAge: gauge(
    'uzima_log_confirmed_age_seconds',
    'Seconds since this node last read the head of the log.',
  ),
  commitToDelivery: latency(
    'uzima_commit_to_delivery_seconds',
    'Seconds from COMMIT to the sockets of this node.',
  ),
  commitToApplied: latency(
    'uzima_commit_to_applied_seconds',
    'Seconds from COMMIT of the newest entry that a client has applied to its saying so, which it does at most each 5 s: an upper bound, close where changes are frequent.',
  ),
  deliveriesDropped: counter(
    'uzima_deliveries_dropped_total',
    'Sessions that came and went unrecorded while the database was away: explain says of them that it does not know.',
  ),
  revocation: latency(
    'uzima_revocation_seconds',
    'Seconds from the COMMIT that ended a right to its end on this node.',
  ),
  replayed: counter(
    'uzima_replayed_events_total',
    'Events sent to clients that came back with a position.',
  ),
  resets: counter(
    'uzima_log_resets_total',
    'Clients that were told to read the snapshot, by the reason in log:reset.',
    ['reason'],
  ),
  movements: counter(
    'uzima_movements_total',
    'Changes of items in the log, by type, whoever wrote them. Every node counts all: take the largest, not the sum.',
    ['type'],
  ),
  alerts: gauge(
    'uzima_alerts',
    'Alerts that are not resolved. Every node says the same. Absent where the database does not answer.',
    ['kind', 'state'],
  ),
  breakGlass: counter(
    'uzima_break_glass_total',
    'Roles that somebody took in an emergency. Every node counts all: take the largest, not the sum.',
  ),
  openReviews: gauge(
    'uzima_break_glass_reviews_open',
    'Roles taken in an emergency whose review nobody has closed. Every node says the same. Absent where the database does not answer.',
  ),
  divergences: counter(
    'uzima_client_divergences_total',
    'Views of clients that had another digest than the database.',
  ),
})
