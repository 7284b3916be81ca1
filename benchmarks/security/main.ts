/**
 * Measures what docs/security-figures.md promises, on children of this process and loopback only. The whole run writes
 * that file; `--quick` does a twentieth of it and prints. Raw numbers go to reports/.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createRandom } from '../../e2e/faults/random.js'
import { afterRevocation } from './after-revocation.js'
import { describeRun, toDocument, type Measurement } from './document.js'
import type { Figure } from './figure.js'
import { currentLoad } from './machine.js'
import { attempts } from './attempts.js'
import { connectFlood } from './connect-flood.js'
import { expiry } from './expiry.js'
import { handshakeRace } from './handshake-race.js'
import { roleChanges } from './role-changes.js'
import { revocationLatency } from './revocation-latency.js'
import { startRig } from './rig.js'

const FIGURES: readonly Figure[] = [
  revocationLatency,
  afterRevocation,
  handshakeRace,
  roleChanges,
  expiry,
  connectFlood,
  attempts,
]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '20261122' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed)
const random = createRandom(seed)
const wanted = values.only?.split(',')
const sized = (full: number, least = 1): number =>
  values.quick ? Math.max(least, Math.round(full / 20)) : full

const run = describeRun({ seed, quick: values.quick })
const measurements: Measurement[] = []
const rig = await startRig()
try {
  for (const { name, run: measure } of FIGURES) {
    if (wanted !== undefined && !wanted.includes(name)) continue
    const [startedAt, loadBefore] = [performance.now(), currentLoad()]
    const result = await measure({ rig, sized, random: random.fork(name) }).catch(toFailure)
    const seconds = (performance.now() - startedAt) / 1_000
    measurements.push({ name, seconds, loadBefore, loadAfter: currentLoad(), ...result })
    console.log(`\n${name}: ${seconds.toFixed(1)} s`)
    for (const { figure, goal, measured, met } of result.findings) {
      console.log(`  ${met ? 'met   ' : 'MISSED'} ${figure} [${goal}]\n         ${measured}`)
    }
  }
} finally {
  await rig.stop()
}

await mkdir('reports', { recursive: true })
const suffix = values.quick ? '-quick' : ''
const json = JSON.stringify({ run, measurements }, undefined, 2)
await writeFile(`reports/security-figures${suffix}.json`, `${json}\n`)
const document = await toDocument(run, measurements)
await writeFile(`reports/security-figures${suffix}.md`, document)
// A partial run must not replace the figures of a whole one.
if (!values.quick && wanted === undefined) await writeFile('docs/security-figures.md', document)
if (measurements.some(({ findings }) => findings.some(({ met }) => !met))) process.exitCode = 1

function toFailure(
  error: unknown,
): Omit<Measurement, 'name' | 'seconds' | 'loadBefore' | 'loadAfter'> {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  console.error(reason)
  const finding = {
    figure: 'The measurement itself',
    goal: 'ends',
    measured: 'It failed',
    met: false,
  }
  return { findings: [{ ...finding, remark: reason.split('\n')[0] ?? '' }], raw: null }
}
