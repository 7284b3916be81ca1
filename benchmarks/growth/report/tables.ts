import { table } from '../../frame/document.js'
import { short, spread } from '../../speed/report/numbers.js'
import { exponentOf, fit, type Fit } from '../fit.js'
import { pointsOf, type Answers, type Growth, type Kept } from '../growth.js'

/** The law of a growth; undefined where too few values were large enough for the clock. */
export const lawOf = (growth: Growth): Fit | undefined => {
  const points = pointsOf(growth)
  return new Set(points.map(({ x }) => x)).size < 2 ? undefined : fit(growth.law, points)
}

/** One line for who waits at the screen. */
export const describeGrowth = (growth: Growth): string =>
  `${growth.what}, ${growth.unit}: ${growth.samples
    .map(({ x, values }) => `${sizeOf(x)} ${spread(values)}`)
    .join('; ')} [${toLaw(growth)}]`

/** Each cost at each size, with its law. */
export const toTable = (growths: readonly Growth[]): string => {
  const sizes = [...new Set(growths.flatMap(({ samples }) => samples.map(({ x }) => x)))].sort(
    (a, b) => a - b,
  )
  const of = growths[0]?.of ?? ''
  return table(
    [of, ...sizes.map(sizeOf), 'law', 'R²', 'off by', 'grows as'],
    growths.map((growth) => [
      `${growth.what}${growth.unit === '' ? '' : `, ${growth.unit}`}`,
      ...sizes.map((size) => {
        const values = growth.samples.find(({ x }) => x === size)?.values
        return values === undefined ? '' : spread(values)
      }),
      ...lawCells(growth),
    ]),
  )
}

/** When and where each question was answered. */
export const toOrigins = (answers: Answers): string =>
  table(
    ['question', 'measured', 'took', 'load average', 'on'],
    Object.entries(answers)
      .filter((entry): entry is [string, Kept] => entry[1] !== undefined)
      .map(([name, { run, cores, postgres, seconds, loadBefore, loadAfter }]) => [
        name,
        `${run.date} UTC, commit ${run.commit}`,
        `${seconds.toFixed(0)} s`,
        `${loadBefore.toFixed(1)} to ${loadAfter.toFixed(1)}`,
        `${run.machine}, PostgreSQL ${postgres}; ${name === 'streams' ? 'everything on all cores' : cores}`,
      ]),
  )

export const sizeOf = (x: number): string => x.toLocaleString('en-US')

const lawCells = (growth: Growth): string[] => {
  const law = lawOf(growth)
  if (law === undefined) return ['too small to tell', '', '', '']
  const worst = Math.max(...law.residuals.map(Math.abs))
  return [
    toFormula(law),
    law.r2.toFixed(2),
    `at most ${(worst * 100).toFixed(0)} %`,
    `x^${exponentOf(pointsOf(growth)).toFixed(2)}`,
  ]
}

const toLaw = (growth: Growth): string => lawCells(growth).join(', ')

const toFormula = ({ law, a, b }: Fit): string =>
  law === 'line'
    ? `${short(a)} ${b < 0 ? '-' : '+'} ${short(Math.abs(b))} x`
    : `${short(a)} x^${b.toFixed(2)}`
