import type { RawClient } from '../../e2e/rig/raw-client.js'
import { unreadByPorts } from './tcp-table.js'

/** Tells, later, how many bytes have arrived for a connection since now. */
export type ArrivedSince = () => number

/**
 * Looks at the connections in one tick. The bytes that wait in the kernel have arrived; on a connection that the kernel
 * no longer knows as open nothing can arrive. What a reset connection still hands out had arrived before the reset.
 */
export const countArrivals = <Client extends Pick<RawClient, 'ports' | 'bytesRead'>>(
  clients: readonly Client[],
): Map<Client, ArrivedSince> => {
  const unread = clients.length === 0 ? new Map<string, number>() : unreadByPorts()
  return new Map(
    clients.map((client) => {
      const readNow = client.bytesRead()
      const unreadNow = unread.get(client.ports())
      return [
        client,
        () => (unreadNow === undefined ? 0 : client.bytesRead() - readNow - unreadNow),
      ]
    }),
  )
}
