import { pause } from '../workload/pace.js'
import { nodePid, onNode, type FaultDefinition } from './definition.js'
import { stopProcesses } from './signals.js'

const DISMISSED_AFTER_MS = 300
const DISMISSED = 4

/** A node that sleeps while users are dismissed, by plain SQL: no other node need be asked, so it is quick. */
const paused: FaultDefinition = {
  affects: ['node'],
  target: onNode,
  pids: nodePid,
  run: async ({ node, fault, revoker }) => {
    const goOn = stopProcesses([node.pid()], fault.durationMs)
    await pause(DISMISSED_AFTER_MS)
    for (let count = 0; count < DISMISSED; count += 1) {
      void revoker.strike(undefined, 'deactivate', 'sql')
    }
    await pause(fault.durationMs - DISMISSED_AFTER_MS)
    goOn()
  },
}

/** Nodes that sleep, and one whose operator is impatient. */
export const NODE_FAULTS = {
  'node-pause-short': paused,
  'node-pause-long': paused,
  'node-term-twice': {
    affects: ['node'],
    target: onNode,
    pids: nodePid,
    run: async ({ node }) => {
      await node.terminate('twice')
      await node.start()
    },
  },
} as const satisfies Record<string, FaultDefinition>
