import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyBuild, removeBuild } from '../../e2e/faults/builds.js'
import { run, type RunOptions, type RunResult } from '../../e2e/faults/run.js'

/** What a measurement chooses of a run; the rest is the same for all of them. */
export type FaultRunOptions = Pick<RunOptions, 'seed' | 'faults' | 'size'> &
  Partial<Pick<RunOptions, 'drill' | 'calmMs'>>

const repository = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs the fault rig: three nodes of the built server, PostgreSQL with fsync, Redis, clients that record what they see,
 * and the checker of all invariants at the end. `name` tells the copy of the build apart from others.
 */
export const runFaultRig = async (name: string, options: FaultRunOptions): Promise<RunResult> => {
  const root = await copyBuild(repository, name)
  const folder = await mkdtemp(join(tmpdir(), `uzima-${name}-`))
  try {
    return await run({
      root,
      folder,
      nodeCount: 3,
      cluster: true,
      calmMs: 1_000,
      atHeadWithinMs: 30_000,
      say: () => undefined,
      ...options,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
    await removeBuild(root)
  }
}
