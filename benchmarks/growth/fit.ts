/** One measured value `y` of something at size `x`. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** `line`: a + b·x. `power`: a·x^b. */
export type Law = 'line' | 'power'

/** A law fitted by least squares of what it is off by, as a share of the value: a decade at the bottom counts as one at the top. */
export interface Fit {
  readonly law: Law
  readonly a: number
  readonly b: number
  /** Share of the variation that the law explains: 1 is all of it, 0 no more than a constant would. */
  readonly r2: number
  /** What the law is off by at each point, as a share of the measured value, in the order of the points. */
  readonly residuals: readonly number[]
  readonly at: (x: number) => number
}

/**
 * Fits a law to points whose values are all above 0.
 *
 * @throws RangeError for fewer than two sizes, or a value that is not above 0
 */
export const fit = (law: Law, points: readonly Point[]): Fit => {
  if (new Set(points.map(({ x }) => x)).size < 2) throw new RangeError('A law takes two sizes.')
  if (points.some(({ y }) => !(y > 0))) throw new RangeError('Every value has to be above 0.')
  return law === 'line' ? fitLine(points) : fitPower(points)
}

/** How a cost grows with the size: its exponent over all points. 1 is in proportion, 0 not at all. */
export const exponentOf = (points: readonly Point[]): number => fit('power', points).b

const fitLine = (points: readonly Point[]): Fit => {
  const { a, b } = solve(points, ({ y }) => 1 / (y * y))
  return finish('line', a, b, points, (x) => a + b * x)
}

const fitPower = (points: readonly Point[]): Fit => {
  const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }))
  const solved = solve(logs, () => 1)
  const [a, b] = [Math.exp(solved.a), solved.b]
  return finish('power', a, b, points, (x) => a * x ** b)
}

/** Weighted least squares of y = a + b·x. */
const solve = (
  points: readonly Point[],
  weightOf: (point: Point) => number,
): { readonly a: number; readonly b: number } => {
  const weighted = points.map((point) => ({ ...point, w: weightOf(point) }))
  const sum = (of: (point: Point & { readonly w: number }) => number): number =>
    weighted.reduce((total, point) => total + of(point), 0)
  const all = sum(({ w }) => w)
  const [x0, y0] = [sum(({ w, x }) => w * x) / all, sum(({ w, y }) => w * y) / all]
  // Around the means: sizes of seven decades lose digits otherwise.
  const b =
    sum(({ w, x, y }) => w * (x - x0) * (y - y0)) / sum(({ w, x }) => w * (x - x0) * (x - x0))
  return { a: y0 - b * x0, b }
}

/** R² is told in the measure that was made least: shares of the value for a line, logarithms for a power. */
const finish = (
  law: Law,
  a: number,
  b: number,
  points: readonly Point[],
  at: (x: number) => number,
): Fit => {
  const residuals = points.map(({ x, y }) => (at(x) - y) / y)
  const squares = (values: readonly number[]): number =>
    values.reduce((total, value) => total + value * value, 0)
  const left = law === 'line' ? residuals : points.map(({ x, y }) => Math.log(at(x) / y))
  const total = squares(law === 'line' ? sharesAroundConstant(points) : logsAroundMean(points))
  return { law, a, b, residuals, at, r2: total === 0 ? 1 : 1 - squares(left) / total }
}

const logsAroundMean = (points: readonly Point[]): number[] => {
  const mean = points.reduce((total, { y }) => total + Math.log(y), 0) / points.length
  return points.map(({ y }) => Math.log(y) - mean)
}

/** What the best constant is off by, in the same measure. */
const sharesAroundConstant = (points: readonly Point[]): number[] => {
  const constant =
    points.reduce((total, { y }) => total + 1 / y, 0) /
    points.reduce((total, { y }) => total + 1 / (y * y), 0)
  return points.map(({ y }) => (constant - y) / y)
}
