import { escaped } from '../../frame/svg.js'
import { short } from '../../speed/report/numbers.js'
import { median } from '../../speed/samples.js'
import type { Answers, Growth } from '../growth.js'
import { lawOf } from './tables.js'

/** The costs that are drawn, by question. */
const DRAWN: Readonly<Record<string, readonly string[]>> = {
  clients: ['memoryKb', 'eventMs', 'handshakeMs'],
  rates: ['reached', 'p99', 'postgresMs'],
  nodes: ['postgresMs@100', 'nodeMs@100', 'p99@100'],
  log: ['startS', 'rangeMs', 'headMs'],
  items: ['snapshotMs', 'digestMs', 'movementMs'],
  users: ['lookUpMs', 'startS', 'directoryKb'],
  streams: ['real/notify/16', 'real/silent/16', 'bare/silent/16'],
}

const COLUMNS = 3
const [WIDTH, HEIGHT] = [330, 210]
const PLOT = { left: 56, right: 36, top: 58, bottom: 34 } as const
/** Of the head, beyond which it would run into the next panel. */
const LINE_LETTERS = 44
/** Between two labels of an axis, so that both can be read. */
const LABEL_APART = 14

/** Readable on white and on black: whoever looks decides. */
const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .head { font-weight: 600; }
    .hint { fill: #59636e; }
    .axis { stroke: #9aa4af; fill: none; }
    .law { stroke: #0a7d5a; fill: none; stroke-width: 2; }
    .dot { fill: #1f2328; }
    @media (prefers-color-scheme: dark) {
      text, .dot { fill: #e6edf3; }
      .hint { fill: #9198a1; }
      .law { stroke: #3fb68b; }
    }`

/** Small charts of a row for each question: dots are medians, the line is the law; both axes by decades. */
export const toChart = (answers: Answers): string => {
  const panels = Object.entries(DRAWN).flatMap(([name, keys]) =>
    keys.flatMap((key) => answers[name]?.growths.find((growth) => growth.key === key) ?? []),
  )
  const [width, height] = [COLUMNS * WIDTH, Math.ceil(panels.length / COLUMNS) * HEIGHT]
  const drawn = panels.map((growth, index) =>
    toPanel(growth, (index % COLUMNS) * WIDTH, Math.floor(index / COLUMNS) * HEIGHT),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="How costs grow; the numbers stand in the tables">
  <style>${STYLE}
  </style>
${drawn.join('\n')}
</svg>
`
}

const toPanel = (growth: Growth, x: number, y: number): string => {
  const dots = growth.samples
    .map((sample) => ({ x: sample.x, y: median(sample.values) }))
    .filter((dot) => dot.y > 0)
  if (dots.length === 0) return ''
  const across = axisOf(
    dots.map((dot) => dot.x),
    PLOT.left,
    WIDTH - PLOT.right,
  )
  const up = axisOf(
    dots.map((dot) => dot.y),
    HEIGHT - PLOT.bottom,
    PLOT.top,
  )
  const law = lawOf(growth)
  const curve = across
    .spread(40)
    .map((size) => ({ size, value: law?.at(size) ?? Number.NaN }))
    .filter(({ value }) => value > up.from / 2 && value < up.to * 2)
    .map(({ size, value }) => `${across.at(size)},${up.at(value)}`)
  const head = linesOf(growth.what)
  const ends = [dots[0], dots.at(-1)].filter((dot) => dot !== undefined)
  return [
    `  <g transform="translate(${x} ${y})">`,
    ...head.map(
      (line, index) =>
        `    <text class="head" x="4" y="${16 + index * 15}">${escaped(line)}</text>`,
    ),
    `    <text class="hint" x="4" y="${16 + head.length * 15}">${escaped(growth.unit)}, by ${escaped(growth.of)}</text>`,
    `    <path class="axis" d="M${PLOT.left} ${PLOT.top}V${HEIGHT - PLOT.bottom}H${WIDTH - PLOT.right}"/>`,
    ...(curve.length > 1 ? [`    <polyline class="law" points="${curve.join(' ')}"/>`] : []),
    ...dots.map(
      (dot) => `    <circle class="dot" cx="${across.at(dot.x)}" cy="${up.at(dot.y)}" r="3"/>`,
    ),
    ...ends.map(
      (dot) =>
        `    <text class="hint" x="${across.at(dot.x)}" y="${HEIGHT - 18}" text-anchor="middle">${short(dot.x)}</text>`,
    ),
    ...ends
      .filter(
        ({ y: value }, index) => index === 0 || isApart(up.at(value), up.at(ends[0]?.y ?? value)),
      )
      .map(
        (dot) =>
          `    <text class="hint" x="${PLOT.left - 5}" y="${Number(up.at(dot.y)) + 4}" text-anchor="end">${short(dot.y)}</text>`,
      ),
    '  </g>',
  ].join('\n')
}

const isApart = (one: string, other: string): boolean =>
  Math.abs(Number(one) - Number(other)) >= LABEL_APART

/** One line, or two that break between words. */
const linesOf = (text: string): string[] => {
  if (text.length <= LINE_LETTERS) return [text]
  const at = text.lastIndexOf(' ', LINE_LETTERS)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** An axis by decades, with room around what is on it; values that hardly differ are drawn as such. */
const axisOf = (values: readonly number[], low: number, high: number) => {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const room = Math.max(1.15, (3 * least) / most)
  const [from, to] = [least / room, most * room]
  const at = (value: number): string =>
    (low + ((high - low) * Math.log(value / from)) / Math.log(to / from)).toFixed(1)
  const spread = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => least * (most / least) ** (index / (count - 1)))
  return { from, to, at, spread }
}
