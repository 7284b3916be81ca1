import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { z } from 'zod'

/** Turns the text of a variable into its value; throws `BadValueError` with what is wrong, never with the text itself. */
export type Parse<T> = (text: string) => T

/** Completes the sentence "<VARIABLE> ...". */
export class BadValueError extends Error {
  override readonly name = 'BadValueError'
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DURATION = /^(\d+)(ms|s|m|h|d)$/
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])
const PUBLIC_PEM = /^-----BEGIN (?:PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----/

/** A whole number within the bounds, both included. */
export const wholeNumber =
  (min: number, max: number): Parse<number> =>
  (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new BadValueError(`is not a whole number from ${min.toString()} to ${max.toString()}`)
    }
    return value
  }

/** A place of the IANA time zone database, in any letter case; whether the database knows it is found at the start. */
export const timeZone: Parse<string> = (text) => {
  try {
    Intl.DateTimeFormat('en', { timeZone: text })
  } catch {
    throw new BadValueError('is not the name of a time zone')
  }
  return text
}

/** `500ms`, `15m`, `7d` as milliseconds, within the bounds, which are written the same way. */
export const duration = (min: string, max: string): Parse<number> => {
  const minMs = milliseconds(min)
  const maxMs = milliseconds(max)
  return (text) => {
    const value = milliseconds(text)
    if (value < minMs || value > maxMs) throw new BadValueError(`is not from ${min} to ${max}`)
    return value
  }
}

const milliseconds = (text: string): number => {
  const [, amount, unit] = DURATION.exec(text) ?? []
  if (amount === undefined || unit === undefined) {
    throw new BadValueError('is not a whole number with one of the units ms, s, m, h, d')
  }
  // The pattern lets no other unit through.
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
}

export const flag: Parse<boolean> = (text) => {
  if (text !== 'true' && text !== 'false') throw new BadValueError('is neither true nor false')
  return text === 'true'
}

/** Any text of at least `minBytes` bytes of UTF-8. */
export const textOf =
  (minBytes: number): Parse<string> =>
  (text) => {
    const bytes = Buffer.byteLength(text)
    if (bytes < minBytes) {
      throw new BadValueError(
        `has ${bytes.toString()} bytes, at least ${minBytes.toString()} are needed`,
      )
    }
    return text
  }

/** What the schema of the contract takes. */
export const matching =
  <T>(schema: z.ZodType<T>): Parse<T> =>
  (text) => {
    const result = schema.safeParse(text)
    if (result.success) return result.data
    throw new BadValueError(`is refused: ${result.error.issues.map((i) => i.message).join(', ')}`)
  }

export const oneOf =
  <const T extends string>(choices: readonly T[]): Parse<T> =>
  (text) => {
    const choice = choices.find((candidate) => candidate === text)
    if (choice === undefined) throw new BadValueError(`is not one of ${choices.join(', ')}`)
    return choice
  }

/** At least one entry, separated by commas; an entry that is named twice counts once. */
export const listOf =
  <T>(parse: Parse<T>): Parse<readonly T[]> =>
  (text) => {
    const entries = text.split(',').map((entry) => entry.trim())
    if (entries.includes('')) throw new BadValueError('has an empty entry')
    return [...new Set(entries.map(parse))]
  }

/** `*` for everybody, or a list. */
export const everyoneOr =
  <T>(parse: Parse<T>): Parse<'*' | T> =>
  (text) =>
    text === '*' ? '*' : parse(text)

/** Scheme, host and port of a page, as browsers send it in `Origin` (RFC 6454 section 6.2). */
export const httpOrigin: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isBareOrigin(url)) {
    throw new BadValueError('is not made of origins: http(s)://host[:port] without path')
  }
  return url.origin
}

const isBareOrigin = ({ pathname, search, hash, username, password }: URL): boolean =>
  pathname === '/' && search + hash + username + password === ''

/** The address of a server, without a path. */
export const httpAddress: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new BadValueError('is not an address such as http://host:port')
  }
  return url.origin
}

/** A URL with one of the schemes, as it was written. */
export const urlOf =
  (...schemes: readonly string[]): Parse<string> =>
  (text) => {
    if (!URL.canParse(text) || !schemes.some((scheme) => text.startsWith(`${scheme}://`))) {
      throw new BadValueError(`is not a URL that begins with ${schemes.join(':// or ')}://`)
    }
    return text
  }

/** Who can change what this URL answers can forge every token, so plain http is for this machine alone. */
export const jwksUrl: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname))
  if (!isSafe) throw new BadValueError('is not an https:// URL (http:// only on loopback)')
  return text
}

/** A public key in PEM, where line ends may be written as `\n`, or as JWK (RFC 7517); gives SPKI PEM, or the JWK as it is. */
export const publicKey: Parse<string> = (text) => {
  const pem = text.replaceAll('\\n', '\n')
  try {
    if (text.startsWith('{')) return publicJwk(text)
    // createPublicKey would take a private key too, which has no business in a verifier.
    if (PUBLIC_PEM.test(pem)) {
      return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString()
    }
  } catch {
    // The reason could quote the key.
  }
  throw new BadValueError('is not a readable public key in PEM or JWK')
}

const publicJwk = (text: string): string => {
  // createPublicKey judges the rest of it.
  const key = JSON.parse(text) as JsonWebKey
  if (key.d !== undefined) throw new BadValueError('is a private key')
  createPublicKey({ key, format: 'jwk' })
  return text
}

const network: Parse<string> = (text) => {
  const [address = '', prefix, ...rest] = text.split('/')
  const maxPrefix = isIP(address) === 4 ? 32 : 128
  const isPrefix = prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= maxPrefix)
  if (isIP(address) === 0 || !isPrefix || rest.length > 0) {
    throw new BadValueError('is not made of IP addresses or networks such as 10.0.0.0/8')
  }
  return text
}

const listOfNetworks = listOf(network)

/** IP addresses and networks in CIDR notation, or `none`. */
export const networks: Parse<readonly string[]> = (text) =>
  text === 'none' ? [] : listOfNetworks(text)

/** A folder, relative to where the process was started; gives the absolute path. */
export const folder: Parse<string> = (text) => resolve(text)

/** The name of a machine, as certificates have it: in small letters, without a port. */
export const hostName: Parse<string> = (text) => {
  const name = text.toLowerCase()
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name)) {
    throw new BadValueError('is not made of names of machines such as clinic.local')
  }
  return name
}
