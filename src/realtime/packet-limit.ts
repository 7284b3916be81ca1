import type { Connection } from './connection.js'

/**
 * Watches how fast a connection sends, authenticated or not; calls `onExceeded` once, for a connection that has used up
 * two seconds' worth at once. Every Socket.IO packet counts, and each attachment.
 */
export const limitPackets = (
  connection: Connection,
  perSecond: number,
  onExceeded: () => void,
): void => {
  const burst = perSecond * 2
  let tokens = burst
  let filledAt = performance.now()

  const onPacket = ({ type }: { readonly type: string }): void => {
    if (type !== 'message') return
    const now = performance.now()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * perSecond)
    filledAt = now
    tokens -= 1
    if (tokens >= 0) return
    connection.off('packet', onPacket)
    onExceeded()
  }
  connection.on('packet', onPacket)
}
