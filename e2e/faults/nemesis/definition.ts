import type { Recorder } from '../history.js'
import type { Rig, RigNode } from '../rig/rig.js'
import type { Crowd } from '../workload/crowd.js'
import type { Revoker } from '../workload/revoker.js'
import type { PlannedFault } from './schedule.js'

export interface FaultContext {
  readonly rig: Rig
  readonly node: RigNode
  readonly fault: PlannedFault
  readonly revoker: Revoker
  readonly crowd: Crowd
  readonly recorder: Recorder
}

export interface FaultDefinition {
  /** What it cuts; answers of that part may be late while it lasts. */
  readonly affects: readonly ('redis' | 'postgres' | 'node' | 'clients')[]
  readonly target: (context: FaultContext) => string
  readonly pids: (context: FaultContext) => readonly number[]
  /** Injects the fault, keeps it up for its time, heals it. */
  readonly run: (context: FaultContext) => Promise<void>
}

export const onNode = ({ node }: FaultContext): string => node.name
export const inRedis = (): string => 'redis'
export const inPostgres = (): string => 'postgres'
export const nodePid = ({ node }: FaultContext): number[] => [node.pid()]
export const noPid = (): number[] => []
