import { hostname, networkInterfaces } from 'node:os'
import { createNetworkTest, type Network } from './certificate.js'

/** What browsers may call this machine. */
export interface MachineNames {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

/** Networks that lead to nobody's server on the internet (RFC 1918, 3927, 4193), and this machine's own. */
export const PRIVATE_NETWORKS: readonly Network[] = [
  { address: '10.0.0.0', prefix: 8 },
  { address: '172.16.0.0', prefix: 12 },
  { address: '192.168.0.0', prefix: 16 },
  { address: '169.254.0.0', prefix: 16 },
  { address: '127.0.0.0', prefix: 8 },
  { address: 'fc00::', prefix: 7 },
  { address: '::1', prefix: 128 },
]

/** Ends of names that no public authority may sign for. */
export const PRIVATE_NAMES = ['localhost', 'local', 'lan', 'internal', 'home.arpa']

const isPrivate = createNetworkTest(PRIVATE_NETWORKS)
const LABELS =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/** The names and private addresses of this machine now, and `more` names. */
export const readMachineNames = (more: readonly string[]): MachineNames => {
  const host = hostname().toLowerCase()
  const own = host.includes('.') ? [host] : [host, `${host}.local`]
  return {
    names: [...new Set(['localhost', ...own, ...more].filter((name) => LABELS.test(name)))],
    addresses: Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses.map(({ address }) => address))
      .filter(isPrivate),
  }
}
