import type { Comparison } from '../../frame/figure.js'
import { escaped } from '../../frame/svg.js'
import { median } from '../samples.js'
import { titleOf } from './titles.js'
import { short } from './numbers.js'

const WIDTH = 760
const LABEL_WIDTH = 170
const VALUE_WIDTH = 180
const ROW = 22
const BAR = 14
const HEAD = 34
const GAP = 18

/** Readable on white and on black: whoever looks decides. */
const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .head { font-weight: 600; }
    .hint { fill: #59636e; }
    .bar { fill: #9aa4af; }
    .ours { fill: #0a7d5a; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .hint { fill: #9198a1; }
      .bar { fill: #59636e; }
      .ours { fill: #3fb68b; }
    }`

/** A bar for each server, one group for each figure, each group on a scale of its own. */
export const toChart = (comparisons: readonly Comparison[]): string => {
  let y = 0
  const groups = comparisons.map((comparison) => {
    const bars = barsOf(comparison)
    const group = toGroup(comparison, bars, y)
    y += HEAD + bars.length * ROW + GAP
    return group
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="This service beside others; the numbers stand in the table">
  <style>${STYLE}
  </style>
${groups.join('\n')}
</svg>
`
}

interface Bar {
  readonly name: string
  readonly value: number
}

/** The best first. */
const barsOf = ({ samples, better }: Comparison): Bar[] =>
  Object.entries(samples)
    .map(([name, values]) => ({ name, value: median(values) }))
    .sort((a, b) => (better === 'less' ? a.value - b.value : b.value - a.value))

const toGroup = ({ what, unit, better }: Comparison, bars: readonly Bar[], y: number): string => {
  const most = Math.max(...bars.map(({ value }) => value))
  const rows = bars.map(({ name, value }, index) => {
    const top = y + HEAD + index * ROW
    const width = Math.max(1, ((WIDTH - LABEL_WIDTH - VALUE_WIDTH) * value) / most)
    const middle = top + BAR - 3
    return [
      `  <text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${escaped(titleOf(name))}</text>`,
      `  <rect class="${name === 'uzima' ? 'ours' : 'bar'}" x="${LABEL_WIDTH}" y="${top}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
      `  <text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${middle}">${escaped(`${short(value)} ${unit}`)}</text>`,
    ].join('\n')
  })
  return [
    `  <text class="head" x="0" y="${y + 20}">${escaped(what)} <tspan class="hint">${better} is better</tspan></text>`,
    ...rows,
  ].join('\n')
}
