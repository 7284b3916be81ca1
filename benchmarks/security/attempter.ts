import { openRawClient } from '../../e2e/rig/raw-client.js'
import { signToken } from '../../e2e/rig/tokens.js'
import type { Rig } from '../frame/rig.js'

export type AttemptKind =
  | 'missing'
  | 'garbage'
  | 'forged'
  | 'expired'
  | 'unknown'
  | 'inactive'
  | 'valid'
  /** A good token, and the client is gone before the answer. */
  | 'leaves'

/** A connection's own account. */
export interface Tried {
  readonly name: string
  /** CONNECT packets that the node has taken up. */
  readonly attempts: number
  readonly wasAdmitted: boolean
}

export interface Attempter {
  rig: Rig
  users: readonly string[]
  inactiveUser: string
}

const UNKNOWN_USER = '00000000-0000-4000-8000-000000000000'
const MAX_ATTEMPTS = 3
const ENDS_WITHIN_MS = 30_000

/** Makes the function that connects once under a name of its own and attempts what its kind says, three times at most. */
export const createAttempter = ({ rig, users, inactiveUser }: Attempter) => {
  let turn = 0
  const authOf = (kind: AttemptKind): object => {
    turn += 1
    switch (kind) {
      case 'missing':
        return {}
      case 'garbage':
        return { token: `garbage-${String(turn)}` }
      case 'forged':
        return { token: signToken(`${rig.secret}-of-somebody-else`, users[0] ?? '') }
      case 'expired':
        return { token: signToken(rig.secret, users[0] ?? '', { lifetimeMs: -60_000 }) }
      case 'unknown':
        return { token: signToken(rig.secret, UNKNOWN_USER) }
      case 'inactive':
        return { token: signToken(rig.secret, inactiveUser) }
      case 'valid':
      case 'leaves':
        return { token: signToken(rig.secret, users[turn % users.length] ?? '') }
    }
  }

  return (plan: {
    readonly kind: AttemptKind
    readonly node: number
    readonly name: string
  }): Promise<Tried> =>
    new Promise((resolve) => {
      let attempts = 0
      let wasAdmitted = false
      const attempt = (): void => {
        attempts += 1
        client.send(`40${JSON.stringify(authOf(plan.kind))}`)
        // After what was sent: the node reads the attempt before the end.
        if (plan.kind === 'leaves') client.end()
      }
      const client = openRawClient(
        rig.urlOf(plan.node),
        {
          onPacket: (packet) => {
            if (packet.startsWith('0')) attempt()
            else if (packet.startsWith('44')) {
              if (attempts < MAX_ATTEMPTS) attempt()
              else client.end()
            } else if (packet.startsWith('40')) {
              wasAdmitted = true
              client.end()
            }
          },
          onClosed: () => {
            clearTimeout(timer)
            resolve({ name: plan.name, attempts, wasAdmitted })
          },
        },
        { 'User-Agent': plan.name },
      )
      const timer = setTimeout(client.destroy, ENDS_WITHIN_MS)
    })
}
