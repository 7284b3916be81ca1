import { openWire, type Wire } from '../../rig/wire.js'
import type { RigNode } from '../rig/rig.js'
import type { IssuedToken } from '../rig/token-book.js'
import type { Follower } from './follower.js'

/** Connects a follower to the node by hand, once: it does not come back. */
export const openFollowedWire = (
  node: RigNode,
  follower: Follower,
  { token, at }: IssuedToken,
  onEnd?: () => void,
): Wire => {
  const attempt = follower.attempt(node.name, at)
  const wire = openWire(
    node.url,
    { userAgent: attempt },
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
        onEnd?.()
        follower.ended(attempt, reason)
      },
    },
  )
  return wire
}
