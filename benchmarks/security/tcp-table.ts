import { readFileSync } from 'node:fs'

// ESTABLISHED, and closed by us alone: FIN_WAIT1, FIN_WAIT2.
const CAN_RECEIVE: ReadonlySet<string> = new Set(['01', '04', '05'])

/**
 * Bytes that have arrived and are unread, of the connections on which more can arrive: the kernel's own table. They are
 * named `local:remote`, because a local port serves several connections to different ports. One that is not in the
 * answer was reset, or the other side has sent its end: no byte can follow.
 */
export const unreadByPorts = (): Map<string, number> => {
  const unread = new Map<string, number>()
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)) {
    const [, local = '', remote = '', state = '', queues = ''] = line.trim().split(/\s+/)
    if (!CAN_RECEIVE.has(state)) continue
    const ports = `${String(portOf(local))}:${String(portOf(remote))}`
    unread.set(ports, Number.parseInt(queues.slice(queues.indexOf(':') + 1), 16))
  }
  return unread
}

const portOf = (address: string): number =>
  Number.parseInt(address.slice(address.indexOf(':') + 1), 16)
