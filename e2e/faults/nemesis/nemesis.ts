import type { Recorder } from '../history.js'
import type { Rig } from '../rig/rig.js'
import { pause } from '../workload/pace.js'
import type { Crowd } from '../workload/crowd.js'
import { FAULTS } from './faults.js'
import type { PlannedFault } from './schedule.js'

/** Runs the planned faults one after the other, each recorded from its begin to its end, until all are over or the time is. */
export const runFaults = async (
  planned: readonly PlannedFault[],
  options: {
    readonly rig: Rig
    readonly recorder: Recorder
    readonly crowd: Crowd
    /** Milliseconds of `performance.now()` after which none is begun. Default: all are. */
    readonly until?: number
    /** Done after each, before the next. */
    readonly afterEach?: (fault: PlannedFault) => Promise<void>
    /** Heals what a fault left behind that could not be injected or healed. Default: the run ends with its error. */
    readonly onFailure?: (fault: PlannedFault, error: unknown) => Promise<void>
    readonly say: (line: string) => void
  },
): Promise<void> => {
  const { rig, recorder, crowd, say, until = Number.POSITIVE_INFINITY } = options
  for (const fault of planned) {
    await pause(fault.restMs)
    if (performance.now() > until) return
    const node = rig.nodes[fault.node]
    if (node === undefined) throw new Error(`There is no node ${String(fault.node)}.`)
    const context = { rig, node, fault, revoker: crowd.revoker, crowd, recorder }
    const definition = FAULTS[fault.kind]
    const base = {
      op: 'fault',
      id: fault.id,
      kind: fault.kind,
      target: definition.target(context),
      pids: definition.pids(context),
      affects: definition.affects,
    } as const
    const of = options.until === undefined ? `/${String(planned.length)}` : ''
    say(`fault ${String(fault.id)}${of}: ${fault.kind}, ${base.target}`)
    recorder.add({ ...base, phase: 'start' })
    await definition.run(context).catch((error: unknown) => {
      if (options.onFailure === undefined) throw error
      return options.onFailure(fault, error)
    })
    recorder.add({ ...base, phase: 'end' })
    await options.afterEach?.(fault)
  }
}
