import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRandom, type Random } from '../rig/random.js'
import { createChecker, SOURCE } from './checker.js'
import { drawCut, writeWhatIsLeft, type Cut } from './cut.js'
import { createDisk } from './disk.js'
import { decodeEvents, type FileEvent, type Phase } from './events.js'
import { createPromises, phasesOf } from './promises.js'
import { expectSame } from './same.js'

/** One power cut and what the store was found to be after it. */
export interface Outcome {
  readonly phase: Phase
  /** The number of the last event before the cut. */
  readonly at: number
  readonly cut: Cut
  readonly acknowledged: number
  readonly opens: boolean
  /** Acknowledged and not there. */
  readonly lost: readonly string[]
  /** There and nobody's, or wrong in itself; or why it does not open. */
  readonly problems: readonly string[]
}

export interface PowerCutRun {
  readonly seed: number
  /** Moments at which the power fails, each in two ways: all that was not synced is gone, and any other. */
  readonly moments: number
  readonly commits: number
  /** Overlooks the syncs of the load, as a store without them would leave its files: what the checker must see. */
  readonly withoutSyncs?: boolean
  readonly onOutcome?: (outcome: Outcome) => void
}

/**
 * Records a store that is made and written to, then rebuilds its folder as a power cut at each of so many moments could have
 * left it, opens it, and holds what is there against what was acknowledged.
 */
export const runPowerCuts = async (options: PowerCutRun): Promise<Outcome[]> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'uzima-power-cut-')))
  try {
    const dataDir = join(folder, 'recorded', 'pglite')
    const events = await recordLoad(options, folder, dataDir)
    return await cutAndCheck(options, events, folder, dataDir)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const recordLoad = async (
  { seed, commits }: PowerCutRun,
  folder: string,
  dataDir: string,
): Promise<FileEvent[]> => {
  const record = join(folder, 'events')
  const script = fileURLToPath(new URL('load.ts', import.meta.url))
  const env = { ...process.env, RECORDED_FOLDER: dataDir, RECORD_FILE: record }
  const half = [`--seed=${String(seed)}`, `--commits=${String(Math.ceil(commits / 2))}`]
  const killed = await ended(fork(script, half, { execArgv: SOURCE, env }))
  const closed = await ended(fork(script, [...half, '--again'], { execArgv: SOURCE, env }))
  if (killed !== 'SIGKILL' || closed !== 0) {
    throw new Error(`The load ended with ${String(killed)}, then with ${String(closed)}.`)
  }
  return decodeEvents(await readFile(record))
}

const ended = async (child: ChildProcess): Promise<unknown> => {
  await once(child, 'exit')
  return child.exitCode ?? child.signalCode
}

const cutAndCheck = async (
  { seed, moments, withoutSyncs = false, onOutcome }: PowerCutRun,
  events: readonly FileEvent[],
  folder: string,
  dataDir: string,
): Promise<Outcome[]> => {
  const random = createRandom(seed).fork('cuts')
  const phases = phasesOf(events)
  // Where the syncs of the load are overlooked, only the load can show it.
  const cuts = drawMoments(random, phases, moments, withoutSyncs ? 1 : 0.4)
  const disk = createDisk(dataDir)
  const promises = createPromises(events)
  const loadBegins = phases.indexOf('load')
  const outcomes: Outcome[] = []
  await using checker = createChecker()
  for (const [index, event] of events.entries()) {
    const isSync = event.op === 'sync' || event.op === 'syncPath'
    if (!(withoutSyncs && isSync && index > loadBegins)) disk.apply(event)
    for (const cut of cuts.get(index) ?? []) {
      const left = join(folder, 'left')
      await writeWhatIsLeft(disk, cut, left, random)
      const found = await checker.check(join(left, 'pglite'))
      await rm(left, { recursive: true })
      const { acknowledged, ...verdict } = promises.judge(index, found)
      const phase = phases[index] ?? 'opening'
      const outcome = { phase, at: index, cut, acknowledged, ...verdict }
      outcomes.push(outcome)
      onOutcome?.(outcome)
    }
  }
  // Last, since the model is only worth something where the record has no hole.
  await expectSame(disk, join(folder, 'recorded'))
  return outcomes
}

// More of what is rare in the record.
const WEIGHTED: readonly Phase[] = ['opening', 'migration', 'recovery', 'checkpoint', 'checkpoint']

/** Draws moments by phase, of those that the record has: a short load may end without a checkpoint. */
const drawMoments = (
  random: Random,
  phases: readonly (Phase | undefined)[],
  moments: number,
  shareOfLoad: number,
): Map<number, Cut[]> => {
  const cuts = new Map<number, Cut[]>()
  const weighted = WEIGHTED.filter((phase) => phases.includes(phase))
  while (cuts.size < moments) {
    const phase = random.chance(shareOfLoad) ? 'load' : random.pick(weighted)
    const within = phases.flatMap((p, index) => (p === phase ? [index] : []))
    const lost: Cut = { names: 'synced', files: 'nothing', sectorBytes: 4_096 }
    cuts.set(random.pick(within), [lost, drawCut(random)])
  }
  return cuts
}
