import { formatted, intoMarks, table } from '../../frame/document.js'
import type { Comparison, Finding } from '../../frame/figure.js'
import type { Measurement, Run } from '../../frame/run.js'
import { SUBJECTS } from '../subjects/all.js'
import { SUBJECT_NAMES } from '../subjects/subject.js'
import { spread } from './numbers.js'
import { isSubject, titleOf } from './titles.js'

/** What surrounds the figures of one run. */
export interface Surroundings {
  readonly run: Run
  /** Of each peer, and of what serves. */
  readonly versions: Readonly<Record<string, string>>
  /** Where servers and clients ran. */
  readonly cores: string
  /** Sentences on what could not be measured. */
  readonly leftOut: readonly string[]
}

/** Puts the tables of a run between the two marks of the document, and leaves the rest as it is. */
export const intoDocument = (document: string, tables: string): Promise<string> =>
  intoMarks('docs/benchmarks.md', document, 'Written by `npm run bench` from here', tables)

/** The samples of a run, small enough to be kept beside the document. */
export const toCompactJson = (
  { run, versions, cores }: Surroundings,
  measurements: readonly Measurement[],
): Promise<string> => {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value
  const comparisons = measurements.flatMap((one) => one.comparisons ?? [])
  const text = JSON.stringify({ run, versions, cores, comparisons }, rounded)
  return formatted('docs/benchmarks.json', text)
}

/** All tables of a run, as Markdown. */
export const toTables = (around: Surroundings, measurements: readonly Measurement[]): string => {
  const comparisons = measurements.flatMap((one) => one.comparisons ?? [])
  const findings = measurements.flatMap((one) => one.findings)
  const isSide = (one: Comparison): boolean =>
    Object.keys(one.samples).length < 2 || !Object.keys(one.samples).every(isSubject)
  return [
    describe(around, measurements),
    '### Goals',
    goalTable(findings),
    '### Side by side',
    'The median of the rounds, and from where to where they went. Empty: not measured there.',
    sideBySide(comparisons.filter((one) => !isSide(one))),
    '### Others',
    others(comparisons.filter(isSide)),
    ...measurements
      .flatMap((one) => one.tables ?? [])
      .flatMap(({ title, remark, head, rows }) => [`### ${title}`, remark, table(head, rows)]),
  ].join('\n\n')
}

const describe = (
  { run, versions, cores, leftOut }: Surroundings,
  measurements: readonly Measurement[],
): string => {
  const seconds = measurements.reduce((sum, one) => sum + one.seconds, 0)
  const loads = measurements.map(
    ({ name, loadBefore, loadAfter, seconds: took }) =>
      `${name} ${loadBefore.toFixed(1)} to ${loadAfter.toFixed(1)} (${took.toFixed(0)} s)`,
  )
  return [
    table(
      ['', ''],
      [
        ['Command', `\`${run.command}\`, ${Math.ceil(seconds / 60).toString()} minutes`],
        ['Date', `${run.date} UTC, commit ${run.commit}`],
        ['Machine', `${run.machine}; ${cores}`],
        [
          'Versions',
          Object.entries(versions)
            .map((one) => one.join(' '))
            .join(', '),
        ],
        ['Load average before and after', loads.join('; ')],
      ],
    ),
    ...leftOut,
  ].join('\n\n')
}

const goalTable = (findings: readonly Finding[]): string =>
  table(
    ['Figure', 'Goal', 'Reached', ''],
    findings.map(({ figure, goal, measured, met, remark }) => [
      figure,
      goal,
      remark === undefined ? measured : `${measured}. ${remark}`,
      met ? 'met' : '**missed**',
    ]),
  )

const sideBySide = (comparisons: readonly Comparison[]): string => {
  const names = SUBJECT_NAMES.filter((name) => comparisons.some(({ samples }) => name in samples))
  return table(
    ['', ...names.map((name) => SUBJECTS[name].title)],
    [
      ['checks', ...names.map((name) => SUBJECTS[name].checks)],
      ...comparisons.map(({ what, unit, samples }) => [
        `${what}, ${unit}`,
        ...names.map((name) => (samples[name] === undefined ? '' : spread(samples[name]))),
      ]),
    ],
  )
}

const others = (comparisons: readonly Comparison[]): string =>
  table(
    ['', 'of', 'median (spread)'],
    comparisons.flatMap(({ what, unit, samples }) =>
      Object.entries(samples).map(([name, values]) => [
        `${what}, ${unit}`,
        titleOf(name),
        spread(values),
      ]),
    ),
  )
