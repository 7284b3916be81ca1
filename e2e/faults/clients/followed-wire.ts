import { openWire, type Wire } from '../../rig/wire.js'
import type { RigNode } from '../rig/rig.js'
import type { IssuedToken } from '../rig/token-book.js'
import type { Follower } from './follower.js'

/** Connects a follower to the node by hand, once: it does not come back. */
export const openFollowedWire = (
  node: RigNode,
  follower: Follower,
  { token, at }: IssuedToken,
  options: { readonly onEnd?: () => void; readonly from?: string } = {},
): Wire => {
  const attempt = follower.attempt(node.name, at)
  const wire = openWire(
    node.url,
    { userAgent: attempt, ...(options.from === undefined ? {} : { from: options.from }) },
    {
      onOpen: () => {
        wire.connect({ token })
      },
      onEvent: (name, text) => {
        follower.event(attempt, name, text)
      },
      onRefused: (code) => {
        follower.refused(attempt, code)
      },
      onEnd: (reason) => {
        options.onEnd?.()
        follower.ended(attempt, reason)
      },
    },
  )
  return wire
}
