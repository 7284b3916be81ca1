import { quantile } from '../../e2e/rig/statistics.js'
import { table } from '../frame/document.js'
import type { Measurement, Run } from '../frame/run.js'
import { RATES } from './figure.js'
import type { Measured } from './outcome.js'
import { STAGES } from './stages.js'

/** The part of docs/security-figures.md that tells where the time of a revocation goes. */
export const toPart = (
  run: Run,
  measurements: readonly Measurement[],
  measured: readonly Measured[],
): string => `Command: \`${run.command}\`, ${run.date} UTC, commit ${run.commit}, ${run.machine}. Load average before and after: ${measurements
  .map(
    ({ name, loadBefore, loadAfter, seconds }) =>
      `${name} ${loadBefore.toFixed(1)} to ${loadAfter.toFixed(1)} (${seconds.toFixed(0)} s)`,
  )
  .join('; ')}.

${table(
  ['Figure', 'Goal', 'Measured', ''],
  measurements
    .flatMap(({ findings }) => findings)
    .map(({ figure, goal, measured: seen, met }) => [
      figure,
      goal,
      seen,
      met ? 'met' : '**missed**',
    ]),
)}

Where the milliseconds go, for the WebSocket of the user that ended last; the mean of the slowest twentieth beside all:

${measured.map(stagesTable).join('\n\n')}

Cores in use from the first connection to the last end:

${table(
  ['', ...measured.map(({ told }) => told)],
  Object.keys(measured[0]?.cores ?? {}).map((name) => [
    name,
    ...measured.map(({ cores }) => (cores[name] ?? 0).toFixed(2)),
  ]),
)}

${METHOD}
`

const SLOWEST = 0.05

const stagesTable = ({ told, outcomes }: Measured): string => {
  const all = outcomes
    .flatMap(({ stages }) => (stages === undefined ? [] : [stages]))
    .sort((a, b) => sum(b) - sum(a))
  const slowest = all.slice(0, Math.max(1, Math.round(all.length * SLOWEST)))
  const row = (name: string, of: (stages: readonly number[]) => number): string[] => {
    const values = all.map(of)
    return [
      name,
      ...[0.5, 0.95, 0.99].map((share) => ms(quantile(values, share))),
      ms(mean(values)),
      ms(mean(slowest.map(of))),
    ]
  }
  return table(
    [
      `${told}; in ms`,
      'p50',
      'p95',
      'p99',
      'mean',
      `mean of the slowest ${String(SLOWEST * 100)} %`,
    ],
    [
      ...STAGES.map((name, index) => row(name, (stages) => stages[index] ?? Number.NaN)),
      row('all of it', sum),
    ],
  )
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
const ms = (value: number): string => value.toFixed(1)

const METHOD = `At a time ${String(RATES.present)} users are connected, each by a stock socket.io-client to each of three nodes: of twenty sockets fourteen
WebSockets, five that begin by polling and upgrade, one that polls. The stock changes ${String(RATES.changesPerSecond)} times a second and ${String(RATES.revocationsPerSecond)} rights end a
second, both at random moments and by plain SQL: of four, two by \`is_active = false\`, one by \`sessions.ended_at\`, one by a role
that may not see the stock. The clock, one for all processes, starts when COMMIT is sent, and ends when the client of the last
socket has emitted \`disconnect\` (after a change of role: \`session:role\`). Whose right has ended is left to come back by himself,
and must be refused; another user takes his place. All clients and both writers are one process, which shares the two cores with
everything else, so its own turns are part of the time. A probe that is loaded into the nodes for this notes when a notification
comes, when the log is read and when a close frame is written.`
