import { expect, it } from 'vitest'
import { drawRecording } from '../../scripts/recording/svg.js'

it('a recording shows each line when it came, with long pauses cut, and no text as markup', () => {
  const svg = drawRecording('A & B', [
    { command: 'serve <here>', typedAt: 0, lines: [{ at: 0.5, text: 'x'.repeat(300) }] },
    { command: 'send', typedAt: 60, lines: [{ at: 60.25, text: 'sent' }] },
  ])
  const shown = [...svg.matchAll(/delay:([\d.]+)s">(?:<tspan[^>]*>\$ <\/tspan>)?([^<]*)</g)]
  expect(shown.map(([, at, text = '']) => [Number(at), text.length > 99 ? 'cut' : text])).toEqual([
    [0.3, 'serve &lt;here&gt;'],
    [0.8, 'cut'],
    [2.3, 'send'],
    [2.55, 'sent'],
  ])
  expect(svg).toContain('<title>A &amp; B</title>')
  expect(svg).not.toContain('x'.repeat(104))
})
