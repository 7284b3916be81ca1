import { grouped, quantile } from '../../e2e/rig/statistics.js'
import type { Finding } from '../frame/figure.js'
import type { Way } from './drive.js'
import type { Measured, Outcome } from './outcome.js'

const GOAL_MS = 250
const WAYS: readonly Way[] = ['deactivated', 'session ended', 'role changed']

/** What was promised of the ends of rights under a condition, and what was seen. */
export const toFindings = ({ told, outcomes, changes, seconds }: Measured): Finding[] => {
  const missed = outcomes.filter(({ lastMs }) => lastMs === undefined).length
  const lasts = lastsOf(outcomes)
  const sockets = outcomes.flatMap((outcome) => outcome.sockets)
  const after = sockets.reduce((sum, { numberedAfter }) => sum + numberedAfter, 0)
  const early = sockets.reduce((sum, { foundIfEarly }) => sum + foundIfEarly, 0)
  const acks = outcomes.flatMap(({ acknowledgedMs }) => acknowledgedMs ?? [])
  const isCounted = outcomes.every((outcome) => outcome.told === outcome.sockets.length)
  const back = outcomes
    .filter(({ way }) => way !== 'role changed')
    .flatMap((outcome) => outcome.sockets)
    .filter(({ refusal }) => refusal === undefined).length
  return [
    {
      figure: `COMMIT to the end of the user's last socket, 3 nodes; ${told}`,
      goal: `p99 <= ${String(GOAL_MS)} ms, 0 missed`,
      measured:
        `${spread(lasts)}; ${grouped(outcomes.length)} revocations, ${String(missed)} missed. ` +
        WAYS.map((way) => {
          const own = lastsOf(outcomes.filter((outcome) => outcome.way === way))
          return `${way} (${grouped(own.length)}): p99 ${ms(quantile(own, 0.99))}`
        }).join('; '),
      met: missed === 0 && quantile(lasts, 0.99) <= GOAL_MS,
    },
    {
      figure:
        'Events numbered after the end of the right that reached its sockets; sockets let in again',
      goal: '0 and 0',
      measured:
        `${grouped(after)} and ${grouped(back)}, over ${grouped(sockets.length)} sockets and ${grouped(changes)} stock changes, ` +
        `${(changes / seconds).toFixed(0)} a second (were each end numbered 3 earlier, the same count would find ${grouped(early)} events)`,
      met: after === 0 && back === 0 && early > 0,
    },
    {
      figure:
        'Acknowledged by all three nodes, as `GET /api/revocations` tells it, with each socket counted',
      goal: 'all',
      measured: `${grouped(acks.length)} of ${grouped(outcomes.length)}; by the database's clock the last node's is written ${spread(acks)} after the commit`,
      met: acks.length === outcomes.length && isCounted,
    },
  ]
}

const lastsOf = (outcomes: readonly Outcome[]): number[] =>
  outcomes.flatMap(({ lastMs }) => lastMs ?? [])

const spread = (values: readonly number[]): string =>
  (
    [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
      ['max', 1],
    ] as const
  )
    .map(([name, share]) => `${name} ${ms(quantile(values, share))}`)
    .join(', ')

const ms = (value: number): string => `${value.toFixed(1)} ms`
