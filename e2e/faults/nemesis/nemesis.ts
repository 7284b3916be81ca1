import type { Recorder } from '../history.js'
import type { Rig } from '../rig/rig.js'
import { pause } from '../workload/pace.js'
import type { Revoker } from '../workload/revoker.js'
import { FAULTS } from './faults.js'
import type { PlannedFault } from './schedule.js'

/** Runs the planned faults one after the other, each recorded from its begin to its end. */
export const runFaults = async (
  planned: readonly PlannedFault[],
  options: {
    readonly rig: Rig
    readonly recorder: Recorder
    readonly revoker: Revoker
    readonly say: (line: string) => void
  },
): Promise<void> => {
  const { rig, recorder, revoker, say } = options
  for (const fault of planned) {
    await pause(fault.restMs)
    const node = rig.nodes[fault.node]
    if (node === undefined) throw new Error(`There is no node ${String(fault.node)}.`)
    const context = { rig, node, fault, revoker }
    const definition = FAULTS[fault.kind]
    const base = {
      op: 'fault',
      id: fault.id,
      kind: fault.kind,
      target: definition.target(context),
      pids: definition.pids(context),
      affects: definition.affects,
    } as const
    say(`fault ${String(fault.id)}/${String(planned.length)}: ${fault.kind}, ${base.target}`)
    recorder.add({ ...base, phase: 'start' })
    await definition.run(context)
    recorder.add({ ...base, phase: 'end' })
  }
}
