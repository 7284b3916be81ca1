/**
 * Measures how fast the service is beside what it stands on and what others would pick instead, all in one run, on
 * children of this process and loopback only. A whole run writes docs/benchmarks.md, .json and .svg; `--quick` is smaller, and
 * that or a part (`--only delivery,screen`) leaves them alone. Each run leaves everything in reports/.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { describeRun, measure, readRunOptions, type Measurement } from '../frame/run.js'
import type { SpeedFigure } from './figure.js'
import { compileWrite, installCentrifugo, installPeers, versionsOf } from './install.js'
import { applied } from './questions/applied.js'
import { bulkUpdate } from './questions/bulk-update.js'
import { delivery } from './questions/delivery.js'
import { handshake } from './questions/handshake.js'
import { memory } from './questions/memory.js'
import { movements } from './questions/movements.js'
import { plainWriter } from './questions/plain-writer.js'
import { refusal } from './questions/refusal.js'
import { resume } from './questions/resume.js'
import { screen } from './questions/screen.js'
import { stages } from './questions/stages.js'
import { storm } from './questions/storm.js'
import { targeting } from './questions/targeting.js'
import { toChart } from './report/chart.js'
import { intoDocument, toCompactJson, toTables } from './report/document.js'
import { spread } from './report/numbers.js'
import { isSubject, titleOf } from './report/titles.js'
import { writers } from './questions/writers.js'
import { createStart } from './start.js'
import { startWorld } from './world.js'

const FIGURES: readonly SpeedFigure[] = [
  handshake,
  refusal,
  storm,
  delivery,
  memory,
  screen,
  stages,
  bulkUpdate,
  movements,
  plainWriter,
  writers,
  targeting,
  resume,
  applied,
]

const options = readRunOptions()
installPeers()
const withoutCentrifugo = installCentrifugo()
const withoutWrite = compileWrite()
const leftOut = [withoutCentrifugo, withoutWrite].filter((one) => one !== undefined)
for (const sentence of leftOut) console.log(sentence)

const measurements: Measurement[] = []
await using world = await startWorld()
const start = createStart(world, [
  ...(withoutCentrifugo === undefined ? [] : (['centrifugo'] as const)),
  ...(withoutWrite === undefined ? [] : (['write'] as const)),
])
for await (const measurement of measure(FIGURES, options, (context) => ({
  ...context,
  world,
  start,
  pick: (full, quick) => (options.quick ? quick : full),
}))) {
  measurements.push(measurement)
  for (const { what, unit, samples } of measurement.comparisons ?? []) {
    console.log(`  ${what}, ${unit}`)
    for (const [name, values] of Object.entries(samples)) {
      console.log(`    ${titleOf(name).padEnd(20)} ${spread(values)}`)
    }
  }
}

const run = describeRun('bench', options)
const versions = {
  ...versionsOf(withoutCentrifugo === undefined),
  PostgreSQL: world.postgresVersion,
}
const around = { run, versions, cores: world.cores.text, leftOut }
const tables = toTables(around, measurements)
const comparisons = measurements.flatMap((one) => one.comparisons ?? [])
const chart = toChart(
  comparisons.filter(({ isAside, samples }) => {
    const names = Object.keys(samples)
    return !isAside && names.length > 1 && names.every(isSubject)
  }),
)
await mkdir('reports', { recursive: true })
const suffix = options.quick ? '-quick' : ''
const json = JSON.stringify({ ...around, measurements }, undefined, 2)
await writeFile(`reports/bench${suffix}.json`, `${json}\n`)
await writeFile(`reports/bench${suffix}.md`, `${tables}\n`)
await writeFile(`reports/bench${suffix}.svg`, chart)

// A goal that is missed stands in the table; a question without an answer is a failure.
const isAnswered = measurements.every(({ comparisons: answer }) => answer !== undefined)
if (!isAnswered) process.exitCode = 1
// A partial run must not replace the figures of a whole one.
if (isAnswered && !options.quick && options.only === undefined) {
  const document = await readFile('docs/benchmarks.md', 'utf8')
  await writeFile('docs/benchmarks.md', await intoDocument(document, tables))
  await writeFile('docs/benchmarks.svg', chart)
  await writeFile('docs/benchmarks.json', await toCompactJson(around, measurements))
}
