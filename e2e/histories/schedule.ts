import type { Random } from '../rig/random.js'
import type { Via } from './recording.js'

/** One thing that happens to a user, so many milliseconds after the round began. */
export type Step = { readonly at: number } & (
  | {
      readonly do: 'grant'
      readonly via: Via
      readonly role: string
      /** From now on. */
      readonly fromMs: number
      readonly lengthMs: number
      /** Begins at the moment at which the one before ends. */
      readonly touching: boolean
      /** In one transaction with a movement. */
      readonly withMovement: boolean
    }
  | { readonly do: 'revoke'; readonly via: Via; readonly which: number }
  | { readonly do: 'shorten'; readonly which: number; readonly toMs: number }
  | { readonly do: 'role'; readonly via: Via; readonly role: string }
  | { readonly do: 'active'; readonly isActive: boolean }
  | { readonly do: 'sessions' }
  | { readonly do: 'offline'; readonly ms: number }
)

export interface Plan {
  readonly index: number
  readonly baseRole: string
  readonly client: 'light' | 'stock' | 'package'
  readonly steps: readonly Step[]
}

const WITHOUT_FEEDS = ['doctor', 'educator', 'patient'] as const
const ROLES = ['pharmacist', 'inventory_manager', 'doctor', 'educator'] as const

/** The schedule of history number `index`: a pure function of the seed. It takes `roundMs` at most. */
export const planHistory = (random: Random, index: number, roundMs: number): Plan => {
  const own = random.fork(`history-${String(index)}`)
  const count = own.int(4, 9)
  const times = Array.from({ length: count }, () => own.int(0, roundMs)).sort((a, b) => a - b)
  const steps = times.flatMap((at) => planStep(own, at, roundMs))
  const kind = own.next()
  return {
    index,
    baseRole: own.chance(0.8) ? own.pick(WITHOUT_FEEDS) : 'pharmacist',
    client: kind < 0.05 ? 'stock' : kind < 0.1 ? 'package' : 'light',
    steps: steps.sort((a, b) => a.at - b.at),
  }
}

const planStep = (random: Random, at: number, roundMs: number): Step[] => {
  const via: Via = random.chance(0.4) ? 'rest' : 'sql'
  const draw = random.next()
  if (draw < 0.5) {
    return [
      {
        at,
        do: 'grant',
        via,
        role: random.chance(0.8) ? random.pick(['pharmacist', 'inventory_manager']) : 'doctor',
        fromMs: random.chance(0.5) ? 0 : random.int(1, 3_000),
        lengthMs: random.int(50, 5_000),
        touching: random.chance(0.3),
        withMovement: random.chance(0.3),
      },
    ]
  }
  if (draw < 0.62) return [{ at, do: 'revoke', via, which: random.int(0, 9) }]
  if (draw < 0.7) {
    return [{ at, do: 'shorten', which: random.int(0, 9), toMs: random.int(-200, 1_000) }]
  }
  if (draw < 0.8) return [{ at, do: 'role', via, role: random.pick(ROLES) }]
  if (draw < 0.86) {
    const back = Math.min(at + random.int(200, 2_500), roundMs)
    return [
      { at, do: 'active', isActive: false },
      // One in ten stays out.
      ...(random.chance(0.9) ? [{ at: back, do: 'active' as const, isActive: true }] : []),
    ]
  }
  if (draw < 0.9) return [{ at, do: 'sessions' }]
  return [{ at, do: 'offline', ms: random.int(0, 3_000) }]
}
