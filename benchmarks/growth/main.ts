/**
 * Measures how cost grows with clients, events, nodes, entries of the log, items, users and streams, fits a law to each, and calculates
 * from those what a number of nodes carries: docs/scaling.md. A question that has been measured replaces what was kept of it in
 * docs/scaling.json; the document is written from all that is kept. `--quick` is smaller, and prints.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { describeRun, measure, readRunOptions } from '../frame/run.js'
import { startWorld } from '../speed/world.js'
import type { Growth, GrowthContext, GrowthFigure, Kept } from './growth.js'
import { clients } from './questions/clients.js'
import { items } from './questions/items.js'
import { log } from './questions/log.js'
import { nodes } from './questions/nodes.js'
import { rates } from './questions/rates.js'
import { streams } from './questions/streams.js'
import { users } from './questions/users.js'
import { readAnswers, writeAll } from './report/files.js'
import { describeGrowth } from './report/tables.js'

// The last one lets all processors go.
const FIGURES: readonly GrowthFigure[] = [clients, rates, nodes, log, items, users, streams]

const options = readRunOptions()
const found = new Map<string, readonly Growth[]>()
const figures = FIGURES.map(({ name, run }) => ({
  name,
  run: async (context: GrowthContext) => {
    const result = await run(context)
    found.set(name, result.growths)
    return result
  },
}))
const measured: Record<string, Kept> = {}
let areAnswered = true
const isCalculation = options.only?.join() === 'calculation'
if (!isCalculation) {
  await using world = await startWorld()
  for await (const { name, seconds, loadBefore, loadAfter, raw } of measure(
    figures,
    options,
    (context) => ({ ...context, world, pick: (full, quick) => (options.quick ? quick : full) }),
  )) {
    const growths = found.get(name)
    if (growths === undefined) {
      areAnswered = false
      continue
    }
    for (const growth of growths) console.log(`  ${describeGrowth(growth)}`)
    const run = describeRun('figures:growth', options)
    const around = { cores: world.cores.text, postgres: world.postgresVersion }
    measured[name] = { run, ...around, seconds, loadBefore, loadAfter, growths, raw }
  }
}
await mkdir('reports', { recursive: true })
await writeFile(
  `reports/growth${options.quick ? '-quick' : ''}.json`,
  `${JSON.stringify(measured, undefined, 2)}\n`,
)
if (!areAnswered) process.exitCode = 1
if (!options.quick) await writeAll({ ...(await readAnswers()), ...measured })
