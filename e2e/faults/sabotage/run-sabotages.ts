import { join } from 'node:path'
import { copyBuild, removeBuild } from '../builds.js'
import { planFaults } from '../nemesis/schedule.js'
import type { Options } from '../options.js'
import { createRandom } from '../../rig/random.js'
import { run } from '../run.js'
import { CONTROL, SABOTAGES, type Sabotage } from './sabotages.js'

export interface SabotageResult {
  readonly name: string
  readonly what: string
  /** Invariants that were found broken, with how often. */
  readonly found: Readonly<Record<string, number>>
  /** Found as it had to be; for the control: nothing found. */
  readonly isAsExpected: boolean
}

/** Runs each broken build for a short while, and the whole one with all drills; the checker must tell them apart. */
export const runSabotages = async (
  repository: string,
  options: Options,
  say: (line: string) => void,
): Promise<SabotageResult[]> => {
  const results: SabotageResult[] = []
  for (const sabotage of [...SABOTAGES, CONTROL]) {
    if (options.builds.length > 0 && !options.builds.includes(sabotage.name)) continue
    say(`build ${sabotage.name}: ${sabotage.what}`)
    const result = await runOne(repository, sabotage, options, say)
    const found = Object.entries(result.found).map(([id, count]) => `${id} ${String(count)}`)
    say(
      `  ${result.isAsExpected ? 'as expected' : 'NOT AS EXPECTED'}: ${found.join(', ') || 'nothing'}`,
    )
    results.push(result)
  }
  return results
}

const runOne = async (
  repository: string,
  sabotage: Sabotage,
  { seed, size, calmMs }: Options,
  say: (line: string) => void,
): Promise<SabotageResult> => {
  const { name, what, patches, breaks, faults = [], drill, env, nodeCount = 3 } = sabotage
  const root = await copyBuild(repository, name, patches)
  try {
    const { verdict } = await run({
      seed,
      root,
      folder: join(repository, 'reports/faults', `sabotage-${name}-${String(seed)}`),
      faults: planFaults(createRandom(seed).fork('faults'), {
        count: faults.length,
        nodeCount,
        short: true,
        only: faults,
      }),
      nodeCount,
      cluster: sabotage.cluster ?? true,
      size: { ...size, ...sabotage.size },
      calmMs,
      // Broken builds leave clients behind for ever.
      atHeadWithinMs: 8_000,
      ...(env === undefined ? {} : { env }),
      ...(drill === undefined ? {} : { drill }),
      say: () => undefined,
    })
    const found = Object.fromEntries(
      Object.entries(verdict.counts).filter(([, count]) => count > 0),
    )
    for (const { invariant, detail } of verdict.violations.slice(0, 3)) {
      say(`  ${invariant}: ${detail}`)
    }
    const isAsExpected =
      breaks.length === 0
        ? Object.keys(found).length === 0
        : breaks.some((invariant) => (found[invariant] ?? 0) > 0)
    return { name, what, found, isAsExpected }
  } finally {
    await removeBuild(root)
  }
}
