import { useState, type PointerEvent, type ReactElement } from 'react'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { extent, latest } from './figures.js'
import { healthWords } from './health-words.js'
import { BOX, drawLine, niceTop } from './line-path.js'

interface LineChartProps {
  readonly name: string
  readonly explain: string
  /** Oldest first; null where nothing was measured. */
  readonly values: readonly (number | null)[]
  /** How many steps the picture has room for; with fewer values it is empty on the left. */
  readonly steps: number
  readonly everyMs: number
  /** The time of the last value. */
  readonly until: number
  readonly show: (value: number) => string
  /** A value that should not be reached; the scale goes at least so far. */
  readonly limit?: number
}

/** One figure over time. The picture is told in a sentence; a table elsewhere has its values. */
export const LineChart = (props: LineChartProps): ReactElement => {
  const { name, explain, values, steps, everyMs, until, show, limit } = props
  const words = useWords(healthWords)
  const format = useFormat()
  const [pointed, setPointed] = useState<number | null>(null)
  const range = extent(values)
  const now = latest(values)
  const top = niceTop(Math.max(range?.most ?? 0, limit ?? 0))
  const { line, area, heightOf } = drawLine(values, { steps, top })
  const text = (value: number | null | undefined): string =>
    value === null || value === undefined ? words.nothing : show(value)
  const timeOf = (index: number): number => until - (values.length - 1 - index) * everyMs

  const point = (event: PointerEvent<HTMLElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const step = Math.round(((event.clientX - left) / width) * (steps - 1))
    const index = step - (steps - values.length)
    setPointed(index >= 0 && index < values.length ? index : null)
  }
  return (
    <figure className="card chart">
      <figcaption>
        <h2>{name}</h2>
        <p className="chart-value">
          {pointed === null
            ? text(now)
            : words.at(format.moment(timeOf(pointed)), text(values[pointed]))}
        </p>
        <p className="muted small">{explain}</p>
      </figcaption>
      <div
        className="chart-plot"
        onPointerMove={point}
        onPointerLeave={() => {
          setPointed(null)
        }}
      >
        <svg
          viewBox={`0 0 ${BOX.width.toString()} ${BOX.height.toString()}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={
            range === undefined
              ? words.pictureEmpty(name)
              : words.picture(name, text(now), show(range.least), show(range.most))
          }
        >
          <path className="chart-grid" d={GRID} />
          <path className="chart-area" d={area} />
          <path className="chart-line" d={line} />
          {limit !== undefined && (
            <path
              className="chart-limit"
              d={`M0,${heightOf(limit).toString()}H${BOX.width.toString()}`}
            />
          )}
          {pointed !== null && (
            <path
              className="chart-pointer"
              d={`M${((BOX.width * (steps - values.length + pointed)) / (steps - 1)).toString()},0V${BOX.height.toString()}`}
            />
          )}
        </svg>
        <span className="chart-top" aria-hidden>
          {show(top)}
        </span>
      </div>
      <div className="chart-axis" aria-hidden>
        <span>{words.ago(steps * everyMs)}</span>
        <span>{words.now}</span>
      </div>
    </figure>
  )
}

const GRID = [0, 0.5, 1]
  .map((part) => `M0,${(part * BOX.height).toString()}H${BOX.width.toString()}`)
  .join('')
