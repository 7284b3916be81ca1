import type { Rest } from '../../rig/rest.js'
import type { Population, RigUser } from '../rig/population.js'
import type { RigNode } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import { pause } from './pace.js'

interface Answer {
  /** 0 where none came. */
  readonly status: number
  readonly tookMs: number
}

/** Who comes with a password. */
export interface LogIns {
  /** The one whose password is guessed at by others. */
  readonly owner: RigUser
  /** Tries once; where it is let in the new token is in the book. By default with the right password, from home. */
  readonly logIn: (
    node: RigNode,
    user: RigUser,
    how?: { readonly from?: string; readonly password?: string },
  ) => Promise<Answer>
  /** Gives a user another token: logs him in until he is let in, or signs one where he is of another issuer. */
  readonly renew: (user: RigUser) => Promise<void>
}

const HOME = '192.0.2.7'
const AGAIN_AFTER_MS = 300
/** Who is not let in by then stays out, which the checker tells. */
const GIVE_UP_AFTER_MS = 120_000

/** Logs in over REST. */
export const createLogIns = (options: {
  readonly nodes: readonly RigNode[]
  readonly rest: Rest
  readonly tokens: TokenBook
  readonly population: Population
  readonly now: () => number
}): LogIns => {
  const { nodes, rest, tokens, population, now } = options
  const [owner = population.admin] = population.newcomers
  let turn = 0

  const logIn: LogIns['logIn'] = async (node, user, how = {}) => {
    const { from = HOME, password = population.password } = how
    const startedAt = now()
    try {
      const { status, body } = await rest({
        url: node.url,
        method: 'POST',
        path: '/api/auth/login',
        from,
        body: { username: user.username, password },
      })
      const { accessToken } = (body ?? {}) as { accessToken?: string }
      // Whoever is let in with a password that is wrong is on record by his status.
      if (accessToken !== undefined) tokens.put(user.id, accessToken, startedAt)
      return { status, tookMs: now() - startedAt }
    } catch {
      return { status: 0, tookMs: now() - startedAt }
    }
  }

  const renew = async (user: RigUser): Promise<void> => {
    if (!user.logsIn) {
      tokens.renew(user.id)
      return
    }
    const deadline = now() + GIVE_UP_AFTER_MS
    while (now() < deadline) {
      turn += 1
      const node = nodes[turn % nodes.length]
      if (node !== undefined && (await logIn(node, user)).status === 200) return
      await pause(AGAIN_AFTER_MS)
    }
  }

  return { owner, logIn, renew }
}
