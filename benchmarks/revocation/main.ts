/**
 * Measures how long a right that has ended is still served, over all nodes and under load, and where the time goes: children of
 * this process and loopback only. The whole run writes its part of docs/security-figures.md; `--quick` does a twentieth of it
 * and prints, `--only redis` one condition. Raw numbers go to reports/.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { intoMarks } from '../frame/document.js'
import { DOCUMENT, REVOCATION_PART } from '../security/document.js'
import { startRig } from '../frame/rig.js'
import { describeRun, measure, readRunOptions, type Measurement } from '../frame/run.js'
import { CONDITIONS } from './condition.js'
import { revocationUnder } from './figure.js'
import type { Measured } from './outcome.js'
import { createProbes } from './probes.js'
import { toPart } from './report.js'

const options = readRunOptions()
const run = describeRun('figures:revocation', options)
const measurements: Measurement[] = []
const measured: Measured[] = []
const figures = CONDITIONS.map((condition) =>
  revocationUnder(condition, (found) => {
    measured.push(found)
  }),
)
await using probes = await createProbes()
const rig = await startRig({
  settings: { INVENTORY_UPDATE_ROLES: 'pharmacist', ...probes.settings },
})
try {
  const contextFor = <Context>(context: Context) => ({ ...context, rig, probes })
  for await (const measurement of measure(figures, options, contextFor)) {
    measurements.push(measurement)
  }
} finally {
  await rig.stop()
}

await mkdir('reports', { recursive: true })
const suffix = options.quick ? '-quick' : ''
await writeFile(
  `reports/revocation-figures${suffix}.json`,
  `${JSON.stringify({ run, measurements }, undefined, 2)}\n`,
)
const part = toPart(run, measurements, measured)
await writeFile(`reports/revocation-figures${suffix}.md`, part)
// A partial run must not replace the figures of a whole one.
if (!options.quick && options.only === undefined) {
  const document = await readFile(DOCUMENT, 'utf8')
  await writeFile(DOCUMENT, await intoMarks(DOCUMENT, document, REVOCATION_PART, part))
}
if (measurements.some(({ findings }) => findings.some(({ met }) => !met))) process.exitCode = 1
