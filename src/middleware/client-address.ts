import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Tells the address of the client of a request. */
export type ClientAddress = (request: IncomingMessage) => string

/**
 * Makes the function that finds a client's address: the peer's, or, behind a trusted proxy, the last address of
 * `X-Forwarded-For` that is not itself a trusted proxy. Nobody else's header counts.
 *
 * @param trusted addresses or CIDR ranges (`10.0.0.0/8`) of proxies
 */
export const createClientAddress = (trusted: readonly string[]): ClientAddress => {
  const proxies = new BlockList()
  for (const entry of trusted) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(prefix), family)
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  if (trusted.length === 0) return peerOf
  return (request) => {
    let address = peerOf(request)
    const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
    while (isTrusted(address) && forwarded.length > 0) {
      const next = plainAddress(forwarded.pop()?.trim() ?? '')
      if (isIP(next) === 0) break
      address = next
    }
    return address
  }
}

const peerOf: ClientAddress = (request) => plainAddress(request.socket.remoteAddress ?? '')

/** A dual-stack listener reports `::ffff:10.0.0.1` for the IPv4 peer `10.0.0.1`. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
