import { useEffect, useId, useRef, useState, type ReactElement, type RefObject } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { drawnMarks, scaleOf, stepPath, thinned, type DrawnMark } from './chart-geometry.js'
import { itemWords } from './item-words.js'
import type { MarkKind, Series } from './series.js'

interface ItemChartProps {
  readonly name: string
  readonly series: Series
  readonly threshold: number
}

const DAY_MS = 86_400_000
/** Until the room is measured. */
const FIRST_WIDTH = 640
const HEIGHT = 220
/** What a digit is wide. */
const DIGIT = 8

/** Each kind has a shape of its own, so that colour is not needed. */
const SHAPES: Readonly<Record<MarkKind, string>> = {
  receipt: 'M0 -6L6 5H-6Z',
  consumption: 'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0',
  'write-off': 'M-5 -5L5 5M5 -5L-5 5',
  count: 'M0 -5L5 0L0 5L-5 0Z',
}
const KINDS = ['receipt', 'consumption', 'write-off', 'count'] as const

/** The total as steps, the threshold dashed, and a mark for what moved it. The table beside it says the same in words. */
export const ItemChart = ({ name, series, threshold }: ItemChartProps): ReactElement => {
  const words = useWords(itemWords)
  const format = useFormat()
  const id = useId()
  const [box, width] = useWidth()
  const highest = Math.max(threshold, ...series.points.map(({ total }) => total))
  const left = (format.number(highest).length + 1) * DIGIT + 8
  const right = width - 8
  const area = { left, top: 12, width: right - left, height: HEIGHT - 44 }
  const scale = scaleOf(series, threshold, area)
  const points = thinned(series.points)
  const marks = drawnMarks(series.marks, scale)
  const totals = series.points.map(({ total }) => total)
  const line = stepPath(points, scale)
  const isShort = series.to - series.from < 2 * DAY_MS
  const dayOf = (at: number): string =>
    isShort ? format.time(at) : format.day(new Date(at).toISOString().slice(0, 10))
  const floor = scale.y(0)
  const shown = KINDS.filter((kind) => marks.some((mark) => mark.kind === kind))

  return (
    <figure className="chart" ref={box}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-labelledby={`${id}-t ${id}-d`}>
        <title id={`${id}-t`}>{words.chartOf(name)}</title>
        <desc id={`${id}-d`}>
          {words.chartSummary(
            dayOf(series.from),
            Math.min(...totals),
            Math.max(...totals),
            totals.at(-1) ?? 0,
          )}
        </desc>
        {scale.ticks.map((tick) => (
          <g key={tick} className="chart-tick">
            <line x1={left} x2={right} y1={scale.y(tick)} y2={scale.y(tick)} />
            <text x={left - 8} y={scale.y(tick)} dy="0.35em" textAnchor="end">
              {format.number(tick)}
            </text>
          </g>
        ))}
        <path
          className="chart-area"
          d={`${line}V${floor.toFixed(1)}H${scale.x(series.from).toFixed(1)}Z`}
        />
        <path className="chart-line" d={line} />
        {threshold > 0 && (
          <g className="chart-threshold">
            <line x1={left} x2={right} y1={scale.y(threshold)} y2={scale.y(threshold)} />
            <text x={right} y={scale.y(threshold) - 6} textAnchor="end">
              {words.threshold}
            </text>
          </g>
        )}
        {marks.map((mark) => (
          <DrawnMarkSign
            key={`${mark.kind} ${mark.at}`}
            mark={mark}
            x={scale.x(mark.at)}
            y={scale.y(mark.total)}
          />
        ))}
        {timesOf(series, dayOf).map(({ at, anchor }) => (
          <text
            key={anchor}
            className="chart-time"
            x={scale.x(at)}
            y={HEIGHT - 8}
            textAnchor={anchor}
          >
            {dayOf(at)}
          </text>
        ))}
      </svg>
      <figcaption className="chart-legend">
        {shown.map((kind) => (
          <span key={kind} className="small muted">
            <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden>
              <path className={`chart-mark chart-${kind}`} d={SHAPES[kind]} />
            </svg>
            {words.marks[kind]}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

/** Where the time is told: not twice the same. */
const timesOf = ({ from, to }: Series, told: (at: number) => string) => {
  const start = { at: from, anchor: 'start' } as const
  const middle = { at: from + (to - from) / 2, anchor: 'middle' } as const
  const end = { at: to, anchor: 'end' } as const
  if (told(from) === told(to)) return [end]
  return [told(from), told(to)].includes(told(middle.at)) ? [start, end] : [start, middle, end]
}

const DrawnMarkSign = ({
  mark,
  x,
  y,
}: {
  readonly mark: DrawnMark
  readonly x: number
  readonly y: number
}): ReactElement => {
  const words = useWords(itemWords)
  const format = useFormat()
  const change = format.number(Math.abs(mark.delta))
  return (
    <path
      className={`chart-mark chart-${mark.kind}`}
      transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
      d={SHAPES[mark.kind]}
    >
      <title>
        {`${words.marks[mark.kind]} ${mark.delta < 0 ? '−' : '+'}${change}, ${format.moment(mark.at)}`}
      </title>
    </path>
  )
}

/** The room that an element has, in pixels: so that letters and marks are as large on a phone as on a desk. */
const useWidth = (): readonly [RefObject<HTMLElement | null>, number] => {
  const box = useRef<HTMLElement>(null)
  const [width, setWidth] = useState(FIRST_WIDTH)
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(240, Math.round(entry.contentRect.width)))
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [])
  return [box, width]
}
