/** One terminal of a recording: the command that was typed, and each line that came, with the second in which it did. */
export interface Terminal {
  readonly command: string
  readonly typedAt: number
  readonly lines: readonly { readonly at: number; readonly text: string }[]
}

const COLUMNS = 104
const CHARACTER = 7.85
const LINE = 19
const PADDING = 14
const GAP = 10
/** Nobody waits for a start that takes its time. */
const LONGEST_PAUSE = 1.5

/**
 * Draws terminals below each other, whose lines appear as they did, with long pauses cut. It plays once and stays; where
 * motion is unwanted, or nothing is animated, all of it stands there.
 */
export const drawRecording = (title: string, terminals: readonly Terminal[]): string => {
  const shortened = shortenPauses(terminals)
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * PADDING)
  let y = 0
  const drawn = terminals.map(({ command, typedAt, lines }) => {
    const rows = [
      { at: typedAt, text: command, isCommand: true },
      ...lines.map((line) => ({ ...line, isCommand: false })),
    ]
    const height = rows.length * LINE + 2 * PADDING
    const texts = rows.map(({ at, text, isCommand }, row) => {
      const baseline = y + PADDING + (row + 0.75) * LINE
      const prompt = isCommand ? '<tspan class="p">$ </tspan>' : ''
      const delay = shortened(at).toFixed(2)
      return `<text x="${String(PADDING)}" y="${baseline.toFixed(1)}" style="animation-delay:${delay}s">${prompt}${escape(cutOff(text))}</text>`
    })
    const box = `<rect y="${String(y)}" width="${String(width)}" height="${String(height)}" rx="8"/>`
    y += height + GAP
    return [box, ...texts].join('\n')
  })
  const height = y - GAP
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}" role="img">
<title>${escape(title)}</title>
<style>
rect { fill: #16211f }
text { fill: #dfe9e6; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; animation: appear 0.01s both }
.p { fill: #5fd0b0 }
@keyframes appear { from { opacity: 0 } to { opacity: 1 } }
@media (prefers-reduced-motion: reduce) { text { animation: none } }
</style>
${drawn.join('\n')}
</svg>
`
}

/** From the second in which something came to the one in which it is shown. */
const shortenPauses = (terminals: readonly Terminal[]): ((at: number) => number) => {
  const moments = terminals
    .flatMap(({ typedAt, lines }) => [typedAt, ...lines.map(({ at }) => at)])
    .sort((a, b) => a - b)
  let before = 0
  let shown = 0.3
  const byMoment = new Map<number, number>()
  for (const moment of moments) {
    shown += Math.min(moment - before, LONGEST_PAUSE)
    before = moment
    byMoment.set(moment, shown)
  }
  return (at) => byMoment.get(at) ?? shown
}

const cutOff = (text: string): string =>
  text.length > COLUMNS ? `${text.slice(0, COLUMNS - 1)}…` : text

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
