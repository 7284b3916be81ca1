/**
 * Measures what docs/security-figures.md promises, on children of this process and loopback only. The whole run writes
 * that file; `--quick` does a twentieth of it and prints. Raw numbers go to reports/.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { startRig } from '../frame/rig.js'
import { describeRun, measure, readRunOptions, type Measurement } from '../frame/run.js'
import { afterRevocation } from './after-revocation.js'
import { attempts } from './attempts.js'
import { connectFlood } from './connect-flood.js'
import { DOCUMENT, toDocument } from './document.js'
import { expiry } from './expiry.js'
import type { SecurityFigure } from './figure.js'
import { handshakeRace } from './handshake-race.js'
import { revocationLatency } from './revocation-latency.js'
import { roleChanges } from './role-changes.js'
import { shares } from './shares.js'
import { RIG_SETTINGS } from './settings.js'

const FIGURES: readonly SecurityFigure[] = [
  revocationLatency,
  afterRevocation,
  handshakeRace,
  roleChanges,
  expiry,
  connectFlood,
  attempts,
  shares,
]

const options = readRunOptions()
const run = describeRun('figures:security', options)
const measurements: Measurement[] = []
const rig = await startRig({ settings: RIG_SETTINGS })
try {
  for await (const measurement of measure(FIGURES, options, (context) => ({ ...context, rig }))) {
    measurements.push(measurement)
  }
} finally {
  await rig.stop()
}

await mkdir('reports', { recursive: true })
const suffix = options.quick ? '-quick' : ''
const json = JSON.stringify({ run, measurements }, undefined, 2)
await writeFile(`reports/security-figures${suffix}.json`, `${json}\n`)
const document = await toDocument(run, measurements, await readFile(DOCUMENT, 'utf8'))
await writeFile(`reports/security-figures${suffix}.md`, document)
// A partial run must not replace the figures of a whole one.
const isWhole = !options.quick && options.only === undefined
if (isWhole) await writeFile(DOCUMENT, document)
if (measurements.some(({ findings }) => findings.some(({ met }) => !met))) process.exitCode = 1
