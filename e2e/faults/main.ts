import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyBuild, removeBuild } from './builds.js'
import { check, type Verdict } from './checker/check.js'
import { selfTest } from './checker/self-test.js'
import type { Dump } from './dump.js'
import { ensureHeap } from './heap.js'
import { readHistory } from './history.js'
import { findFaketime, NO_FAKETIME } from './nemesis/clock.js'
import { planChaos, planFaults } from './nemesis/schedule.js'
import { readOptions } from './options.js'
import { currentLoad, describeMachine } from '../rig/machine.js'
import { createRandom } from '../rig/random.js'
import { figuresOf, type Figures, type RunFacts } from './report/figures.js'
import { publish, type SabotageFigures } from './report/publish.js'
import { writeReport } from './report/report.js'
import { run } from './run.js'
import { runSabotages } from './sabotage/run-sabotages.js'

await ensureHeap()

/** Limits are on, and strangers have addresses of their own; who logs in is let in for as long as the run takes. */
const CHAOS_ENV = {
  TRUST_PROXY: '127.0.0.1',
  AUTH_FAILURES_PER_MINUTE: '60',
  ACCESS_TOKEN_TTL: '12h',
}

const repository = fileURLToPath(new URL('../..', import.meta.url))
const reports = join(repository, 'reports/faults')
const args = process.argv.slice(2)
const options = readOptions(args)
const { seed, form } = options
const folder = join(reports, `${form}-${String(seed)}`)
const script = form === 'chaos' ? 'test:chaos' : 'test:faults'
const command = `npm run ${script}${args.length === 0 ? '' : ` -- ${args.join(' ')}`}`
const startedAt = performance.now()

const main = async (): Promise<void> => {
  if (options.publishOnly) {
    await publishAll()
  } else if (options.recheck !== undefined) {
    process.exitCode = (await recheck(join(reports, options.recheck))) ? 0 : 1
  } else {
    say(`seed ${String(seed)}`)
    const isGood = form === 'sabotage' ? await tryBrokenBuilds() : await tryService()
    if (options.publish) await publishAll()
    process.exitCode = isGood ? 0 : 1
  }
}

const tryService = async (): Promise<boolean> => {
  const nodeCount = 3
  const random = createRandom(seed).fork('faults')
  const isChaos = form === 'chaos'
  const { minutes, only } = options
  const faults = isChaos
    ? planChaos(random, { minutes, nodeCount, only })
    : planFaults(random, {
        count: options.faults,
        nodeCount,
        short: form === 'short',
        only,
        without: options.without,
      })
  if (faults.some(({ kind }) => kind === 'clock-skew') && findFaketime() === undefined) {
    say(NO_FAKETIME)
    return false
  }
  const root = await copyBuild(repository, form)
  const load = currentLoad().toFixed(1)
  const { verdict } = await run({
    seed,
    root,
    folder,
    faults,
    nodeCount,
    cluster: true,
    size: options.size,
    calmMs: options.calmMs,
    atHeadWithinMs: 30_000,
    ...(isChaos ? { minutes, standby: true, env: CHAOS_ENV } : {}),
    say,
  }).finally(() => removeBuild(root))
  const machine = `${describeMachine()}, load average ${load} before the run`
  return report(folder, verdict, { seed, form, command, machine })
}

const recheck = async (kept: string): Promise<boolean> => {
  const history = await readHistory(join(kept, 'history.jsonl'))
  // Both were written by an earlier run of this program.
  const dump = JSON.parse(await readFile(join(kept, 'dump.json'), 'utf8')) as Dump
  const before = JSON.parse(await readFile(join(kept, 'figures.json'), 'utf8')) as Figures
  return report(kept, check(history, dump), before)
}

const report = async (
  where: string,
  verdict: Verdict,
  { seed: ofSeed, form: ofForm, command: by, machine }: RunFacts,
): Promise<boolean> => {
  const tests = selfTest(verdict)
  const missed = tests.filter(({ outcome }) => outcome === 'missed')
  for (const { name, invariant } of missed) say(`the checker missed: ${name} (${invariant})`)
  const facts = { seed: ofSeed, form: ofForm, command: by, machine }
  await writeReport(where, verdict, figuresOf(verdict, tests, facts))
  for (const { invariant, detail } of verdict.violations.slice(0, 20)) {
    say(`${invariant}: ${detail}`)
  }
  const counts = Object.entries(verdict.counts).map(([id, count]) => `${id} ${String(count)}`)
  say(`breaches: ${counts.join(', ')}`)
  if (ofForm === 'chaos') say(verdictLine(verdict))
  say(`report: ${join(where, 'report.md')}`)
  return verdict.violations.length === 0 && missed.length === 0
}

/** What the chaos run is for, in one line. */
const verdictLine = ({ counts }: Verdict): string => {
  const sum = (...invariants: readonly string[]): number =>
    invariants.reduce((total, id) => total + (counts[id] ?? 0), 0)
  return (
    `verdict: wrongly closed or refused ${String(sum('I15', 'I19', 'I22'))}, ` +
    `wrongly let in or handed out ${String(sum('I11', 'I12', 'I21'))}, ` +
    `lost or wrong ${String(sum('I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10', 'I17', 'I18'))}, ` +
    `not back by itself ${String(sum('I16', 'I20'))}, answered 500 ${String(sum('I23'))}, off the record or leaked ${String(sum('I13', 'I14'))}`
  )
}

const tryBrokenBuilds = async (): Promise<boolean> => {
  const kept = join(folder, 'figures.json')
  const before = await readFile(kept, 'utf8').then(
    // Written by an earlier run with the same seed, perhaps of other builds.
    (text) => (JSON.parse(text) as SabotageFigures).results,
    () => [],
  )
  const now = await runSabotages(repository, options, say)
  const others = before.filter(({ name }) => !now.some((result) => result.name === name))
  const results = [...others, ...now]
  const date = new Date().toISOString().slice(0, 16)
  const figures: SabotageFigures = { form: 'sabotage', seed, date, command, results }
  await mkdir(folder, { recursive: true })
  await writeFile(kept, `${JSON.stringify(figures, undefined, 2)}\n`)
  return results.every(({ isAsExpected }) => isAsExpected)
}

const publishAll = async (): Promise<void> => {
  await publish([reports, join(repository, 'reports')], join(repository, 'docs/fault-figures.md'))
}

const say = (line: string): void => {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  process.stdout.write(`${seconds.padStart(6)} s  ${line}\n`)
}

await main()
// Not left to the end of the loop: Node 20 was seen to spin for ever in its clean-up (CleanupHandles) after a long run.
process.exit()
