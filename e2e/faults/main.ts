import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyBuild, removeBuild } from './builds.js'
import { planFaults } from './nemesis/schedule.js'
import { readOptions } from './options.js'
import { createRandom } from './random.js'
import { run } from './run.js'
import { runSabotages } from './sabotage/run-sabotages.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const options = readOptions(process.argv.slice(2))
const { seed, form } = options
const folder = join(repository, 'reports/faults', `${form}-${String(seed)}`)
const startedAt = performance.now()
const say = (line: string): void => {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  process.stdout.write(`${seconds.padStart(6)} s  ${line}\n`)
}

say(`seed ${String(seed)}`)
if (form === 'sabotage') {
  const results = await runSabotages(repository, options, say)
  if (!results.every(({ isAsExpected }) => isAsExpected)) process.exitCode = 1
} else {
  await runOnce()
}

async function runOnce(): Promise<void> {
  const root = await copyBuild(repository, form)
  const { verdict } = await run({
    seed,
    root,
    folder,
    faults: planFaults(createRandom(seed).fork('faults'), {
      count: options.faults,
      nodeCount: 3,
      short: form === 'short',
      only: options.only,
    }),
    nodeCount: 3,
    cluster: true,
    size: options.size,
    calmMs: options.calmMs,
    say,
  }).finally(() => removeBuild(root))
  for (const [id, count] of Object.entries(verdict.counts)) say(`${id} ${String(count)}`)
  for (const { invariant, detail } of verdict.violations.slice(0, 40))
    say(`${invariant}: ${detail}`)
}
