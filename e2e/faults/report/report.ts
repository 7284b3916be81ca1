import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Verdict } from '../checker/check.js'
import { INVARIANTS } from '../checker/violation.js'
import type { Figures } from './figures.js'
import { nemesisLines } from './nemeses.js'
import { drawRun } from './picture.js'
import type { Summary } from '../../rig/statistics.js'

/** Writes report, picture and raw figures of a run into its folder. */
export const writeReport = async (
  folder: string,
  verdict: Verdict,
  figures: Figures,
): Promise<void> => {
  await mkdir(folder, { recursive: true })
  const title = `${figures.form} run, seed ${String(figures.seed)}, ${figures.date}`
  await writeFile(join(folder, 'figures.json'), `${JSON.stringify(figures, undefined, 2)}\n`)
  await writeFile(join(folder, 'run.svg'), drawRun(verdict.facts, title))
  const examples = verdict.violations
    .slice(0, 50)
    .map(({ invariant, detail }) => `- ${invariant}: ${detail}`)
  await writeFile(
    join(folder, 'report.md'),
    [
      `# Fault run: ${title}`,
      '',
      '![events, faults and latency on one time axis](run.svg)',
      '',
      ...figureLines(figures),
      ...(examples.length === 0 ? [] : ['', '## What was broken', '', ...examples]),
      '',
    ].join('\n'),
  )
}

/** The tables of a run, in Markdown. */
export const figureLines = (figures: Figures): string[] => {
  const { deliveries, writes, attempts, exits, selfTest, faults } = figures
  const faultCount = Object.values(faults).reduce((sum, n) => sum + n, 0)
  const caught = selfTest.filter(({ outcome }) => outcome === 'caught').length
  return [
    `Command: \`${figures.command}\`, seed ${String(figures.seed)}, ${figures.date} UTC, ${figures.machine}.`,
    `${String(faultCount)} faults in ${String(figures.durationS)} s.`,
    '',
    ...nemesisLines(figures.nemeses ?? {}),
    '| invariant | breaches |',
    '|---|---|',
    ...Object.entries(figures.invariants).map(
      ([id, count]) => `| ${id} ${INVARIANTS[id] ?? ''} | ${String(count)} |`,
    ),
    '',
    '| figure | value |',
    '|---|---|',
    row('committed entries', deliveries.committed),
    row('due deliveries', deliveries.due),
    row('of them covered by a snapshot', deliveries.bySnapshot),
    row('received twice on the wire, applied once', deliveries.wireDuplicates),
    row('resets by reason', entries(deliveries.resets)),
    row(
      'writes acknowledged / refused',
      `${String(writes.acknowledged)} / ${String(writes.refused)}`,
    ),
    row(
      'writes asked again after no answer / undecided',
      `${String(writes.retried)} / ${String(writes.undecided)}`,
    ),
    ...Object.entries(figures.latencyMs).map(([name, summary]) =>
      row(`commit to client, ${name}`, times(summary)),
    ),
    row('reconnection to last missed event', times(figures.resumeMs)),
    row('last fault to everybody at the head', times(figures.toHeadMs)),
    ...Object.entries(figures.revocationMs).map(([name, summary]) =>
      row(`revocation answered to last byte, allowed: ${name}`, times(summary)),
    ),
    row('crossings of thresholds', figures.crossings),
    row('frames to unauthenticated connections', figures.ghostFrames),
    row('attempts to connect', attempts.made),
    row(
      'accepted attempts that only a log line tells (killed before the row)',
      attempts.onlyInLogLines,
    ),
    row('clients closed as too slow', figures.closedBySlowness),
    ...(figures.refusedTooLateMs === undefined
      ? []
      : [row('refused as inactive, active again for', times(figures.refusedTooLateMs))]),
    row('exits ordered / by themselves', `${String(exits.planned)} / ${String(exits.unplanned)}`),
    row('exits with code 0 after SIGTERM', exits.drainedWithCode0),
    row('stock clients that needed code of ours', figures.stranded),
    row('largest resident memory of a node', `${String(figures.rssPeakMb)} MB`),
    row('faults by kind', entries(faults)),
    row(
      'lies about this run that the checker caught',
      `${String(caught)} of ${String(selfTest.length)}`,
    ),
    '',
    ...bounds(figures, faultCount),
  ]
}

/** What zero means: deliveries inside one fault are not independent. */
const bounds = ({ invariants, deliveries }: Figures, faultCount: number): string[] => {
  if (Object.values(invariants).some((count) => count > 0) || faultCount === 0) return []
  const perDelivery = (3 / Math.max(1, deliveries.due)).toExponential(1)
  const perFault = ((3 / faultCount) * 100).toFixed(1)
  return [
    `Zero of ${String(deliveries.due)} is, at 95 %, less than ${perDelivery} per delivery; but what one fault does to many ` +
      `deliveries is one event: ${String(faultCount)} clean faults show a failure in less than ${perFault} % of the faults.`,
  ]
}

const row = (name: string, value: string | number): string => `| ${name} | ${String(value)} |`

const times = ({ count, p50, p99, max }: Summary): string =>
  `p50 ${String(p50)} ms, p99 ${String(p99)} ms, max ${String(max)} ms (${String(count)})`

const entries = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(', ') || 'none'
