/**
 * Measures what docs/fault-figures.md promises beside the soak, on children of this process and loopback only. Each
 * measurement of full size leaves its figures in reports/reliability-<name>/, from which that document is made.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import type { MeasuredFigures } from '../../e2e/faults/report/measurements.js'
import type { Figure } from '../frame/figure.js'
import { describeRun, measure, readRunOptions } from '../frame/run.js'
import { crossings } from './crossings.js'
import { fanOut } from './fan-out.js'
import { gap } from './gap.js'
import { kills } from './kills.js'
import { longTransaction } from './long-transaction.js'
import { resume } from './resume.js'
import { rolling } from './rolling.js'
import { storm } from './storm.js'

const FIGURES: readonly Figure[] = [
  crossings,
  longTransaction,
  resume,
  gap,
  kills,
  fanOut,
  storm,
  rolling,
]

const options = readRunOptions()
for await (const measurement of measure(FIGURES, options, (context) => context)) {
  const { raw, ...measured } = measurement
  if (measured.findings.some(({ met }) => !met)) process.exitCode = 1
  if (options.quick) continue
  const { date, command, machine } = describeRun('figures:reliability', {
    ...options,
    only: [measured.name],
  })
  const figures: MeasuredFigures = {
    form: 'figures',
    date,
    command,
    machine,
    measurements: [measured],
  }
  const folder = `reports/reliability-${measured.name}`
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/figures.json`, `${JSON.stringify(figures, undefined, 2)}\n`)
  await writeFile(`${folder}/raw.json`, `${JSON.stringify(raw, undefined, 2)}\n`)
}
