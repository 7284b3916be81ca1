import { readFileSync } from 'node:fs'

// ESTABLISHED, and closed by us alone: FIN_WAIT1, FIN_WAIT2.
const CAN_RECEIVE: ReadonlySet<string> = new Set(['01', '04', '05'])

/**
 * Bytes that have arrived and are unread, by local port, of the connections on which more can arrive: the kernel's own
 * table. One that is not in the answer was reset, or the other side has sent its end: no byte can follow.
 */
export const unreadByPort = (localPorts: ReadonlySet<number>): Map<number, number> => {
  const unread = new Map<number, number>()
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)) {
    const [, local = '', , state = '', queues = ''] = line.trim().split(/\s+/)
    const port = Number.parseInt(local.slice(local.indexOf(':') + 1), 16)
    if (!localPorts.has(port) || !CAN_RECEIVE.has(state)) continue
    unread.set(port, Number.parseInt(queues.slice(queues.indexOf(':') + 1), 16))
  }
  return unread
}
