import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto'
import { BlockList, isIPv4 } from 'node:net'
import {
  atPlace,
  bits,
  identifier,
  inPlace,
  integer,
  octets,
  sequence,
  set,
  time,
  utf8,
  yes,
} from './der.js'

/** What a certificate says (RFC 5280). */
export interface CertificateContent {
  readonly subject: string
  readonly issuer: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: KeyObject
  /** Whose key signs. */
  readonly issuerPublicKey: KeyObject
  readonly extensions: readonly Buffer[]
}

const ECDSA_WITH_SHA256 = sequence(identifier('1.2.840.10045.4.3.2'))
const VERSION_3 = inPlace(0, integer(Buffer.from([2])))

/** Signs with the key of an elliptic curve; gives PEM. */
export const signCertificate = (content: CertificateContent, key: KeyObject): string => {
  const { subject, issuer, notBefore, notAfter, publicKey, issuerPublicKey, extensions } = content
  const signed = sequence(
    VERSION_3,
    integer(randomBytes(16)),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject),
    spki(publicKey),
    inPlace(
      3,
      sequence(
        extension('2.5.29.14', octets(keyId(publicKey))),
        extension('2.5.29.35', sequence(atPlace(0, keyId(issuerPublicKey)))),
        ...extensions,
      ),
    ),
  )
  const der = sequence(signed, ECDSA_WITH_SHA256, bits(sign('sha256', signed, key)))
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

/** Of an authority that signs for servers alone, and for nothing but these names, what ends with them, and these networks. */
export const authorityExtensions = (
  names: readonly string[],
  networks: readonly Network[],
): readonly Buffer[] => [
  extension('2.5.29.19', sequence(yes(), integer(Buffer.from([0]))), 'critical'),
  // keyCertSign, cRLSign.
  extension('2.5.29.15', bits(Buffer.from([0x06]), 1), 'critical'),
  extension(
    '2.5.29.30',
    sequence(
      inPlace(
        0,
        ...names.map((name) => sequence(dnsName(name))),
        ...networks.map((network) => sequence(atPlace(IP, networkBytes(network)))),
      ),
    ),
    'critical',
  ),
]

export const serverExtensions = (
  names: readonly string[],
  addresses: readonly string[],
): readonly Buffer[] => [
  extension('2.5.29.19', sequence(), 'critical'),
  // digitalSignature.
  extension('2.5.29.15', bits(Buffer.from([0x80]), 7), 'critical'),
  // serverAuth.
  extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'))),
  extension(
    '2.5.29.17',
    sequence(
      ...names.map(dnsName),
      ...addresses.map((address) => atPlace(IP, addressBytes(address))),
    ),
  ),
]

/** An address and how many of its first bits count. */
export interface Network {
  readonly address: string
  readonly prefix: number
}

/** Whether one of `networks` holds the address. */
export const createNetworkTest = (networks: readonly Network[]): ((address: string) => boolean) => {
  const list = new BlockList()
  for (const { address, prefix } of networks) list.addSubnet(address, prefix, familyOf(address))
  return (address) => list.check(address, familyOf(address))
}

const DNS = 2
const IP = 7

const dnsName = (name: string): Buffer => atPlace(DNS, Buffer.from(name, 'ascii'))

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6')

const networkBytes = ({ address, prefix }: Network): Buffer => {
  const bytes = addressBytes(address)
  const mask = bytes.map((_, index) => 0xff00 >> Math.min(8, Math.max(0, prefix - index * 8)))
  return Buffer.concat([bytes, mask])
}

const addressBytes = (address: string): Buffer => {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  // A URL has it in its one short form (RFC 5952), in hexadecimal, whose gap is the only thing left to fill.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  const gap = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0')
  const groups = [...(before ?? []), ...(tail === undefined ? [] : gap), ...(after ?? [])]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

const nameOf = (commonName: string): Buffer =>
  sequence(set(sequence(identifier('2.5.4.3'), utf8(commonName))))

const extension = (id: string, value: Buffer, critical?: 'critical'): Buffer =>
  sequence(identifier(id), ...(critical === undefined ? [] : [yes()]), octets(value))

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

const keyId = (key: KeyObject): Buffer => createHash('sha1').update(spki(key)).digest()
