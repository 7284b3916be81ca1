import type { Role } from '@uzima/contracts'
import type { EntryHeader, Mark } from '../../src/explain/records.js'

/** Settings of a node, in this model's own words. */
export interface Rules {
  readonly stock: '*' | readonly Role[]
  readonly low: '*' | readonly Role[]
}

export type Step =
  | { readonly do: 'entry'; readonly audience: string }
  | { readonly do: 'role' | 'grant' | 'ungrant'; readonly role: Role }
  | { readonly do: 'deactivate' | 'activate' | 'revoke' | 'delete' }
  | { readonly do: 'connect'; readonly node: number; readonly back: number; readonly slow: boolean }
  | { readonly do: 'leave' | 'stall' | 'unstall' | 'cut' | 'apply'; readonly which: number }
  | { readonly do: 'fence' | 'unfence' | 'giveUp' | 'kill' | 'stop'; readonly node: number }
  | { readonly do: 'start'; readonly node: number; readonly rules: Rules }
  | { readonly do: 'nothing' }

export interface HeldRights {
  readonly role: Role
  readonly granted: readonly Role[]
  readonly isActive: boolean
  readonly isDeleted: boolean
}

/** An entry, and which runs would have sent it to the user when it was numbered. */
export interface ModelEntry extends EntryHeader {
  readonly isSentBy: (run: Run) => boolean
  /** Those that lived then; none where none did. */
  readonly living: readonly Run[]
}

export interface Connection {
  readonly id: string
  readonly run: Run
  readonly connectedAt: number
  readonly how: 'live' | 'replay' | 'snapshot'
  readonly asked: number | null
  readonly joined: number
  /** What the client really has. */
  readonly got: Set<number>
  /** Waits in the node. */
  waiting: number[]
  isStalled: boolean
  applied: number | null
  readonly marks: Mark[]
  closedAt: number | null
  code: string | null
  /** What is on record, where there is a row. */
  row: {
    written: number
    writtenAt: number | null
    lags: { from: number; until: number | null; at: number | null }[]
  } | null
}

export interface Run {
  readonly id: string
  readonly node: number
  readonly rules: Rules
  readonly startedAt: number
  endedAt: number | null
  lastSignAt: number | undefined
  position: number
  isFenced: boolean
  readonly progress: Mark[]
}

const STAFF = ['admin', 'inventory_manager', 'pharmacist', 'doctor', 'educator']

/** Whether somebody with these rights gets an entry for `audience`, by the settings of a node. */
export const receives = (
  { role: own, granted, isActive, isDeleted }: HeldRights,
  audience: string,
  rules: Rules,
): boolean => {
  if (!isActive || isDeleted) return false
  return [own, ...granted].some((role) => {
    const hears = (roles: '*' | readonly Role[]): boolean => roles === '*' || roles.includes(role)
    if (audience === 'stock') return hears(rules.stock)
    if (audience === 'alerts') return hears(rules.low)
    if (!STAFF.includes(role)) return false
    return hears(rules.low) || (audience === 'alert_escalated' && role === 'admin')
  })
}
