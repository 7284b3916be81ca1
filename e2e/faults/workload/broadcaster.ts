import type { RigUser } from '../rig/population.js'
import type { RigNode } from '../rig/rig.js'
import type { TokenBook } from '../rig/token-book.js'
import { every, type Worker } from './pace.js'
import type { Rest } from '../../rig/rest.js'

/** Sends an ad-hoc message to everybody now and then, so that a socket that should be closed has something to hear. */
export const startBroadcaster = (options: {
  readonly admin: RigUser
  readonly nodes: readonly RigNode[]
  readonly tokens: TokenBook
  readonly rest: Rest
  readonly everyMs: number
}): Worker => {
  const { admin, nodes, tokens, rest, everyMs } = options
  let count = 0
  return every(
    () => everyMs,
    async () => {
      count += 1
      const node = nodes[count % nodes.length]
      if (node === undefined) return
      // At most once, by contract: whether it arrives is nobody's promise.
      await rest({
        url: node.url,
        method: 'POST',
        path: '/api/messages',
        token: tokens.of(admin.id).token,
        body: { to: { all: true }, event: 'rig:notice', data: { count } },
      }).catch(() => undefined)
    },
  )
}
