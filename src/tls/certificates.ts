import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomInt,
  X509Certificate,
} from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StartError } from '../config/start-errors.js'
import { isMissing, makeFolder, replaceFile } from '../storage/durable-files.js'
import { authorityExtensions, serverExtensions, signCertificate } from './certificate.js'
import { PRIVATE_NAMES, PRIVATE_NETWORKS, type MachineNames } from './machine-names.js'

/** What a server serves HTTPS with, both in PEM. Never log it whole. */
export interface ServerCertificate {
  readonly key: string
  readonly certificate: string
}

/** What is in the folder now. */
export interface Certificates {
  /** What tablets are told to trust. */
  readonly authority: X509Certificate
  readonly server: ServerCertificate
  /** Names that were asked for and that the authority may not sign, because it is older than they are. */
  readonly leftOut: readonly string[]
}

const DAY_MS = 86_400_000
/** Phones take no more than 398 days, of which one is for a tablet whose clock is behind. */
const SERVER_DAYS = 397
const AUTHORITY_DAYS = 3_650
const RENEW_BEFORE_DAYS = 30
/** A machine without a battery begins at 1970 or 2000 after a power cut. */
const SURELY_PAST = Date.UTC(2026, 0, 1)

const pairSchema = z.object({ key: z.string().min(1), certificate: z.string().min(1) })
const authoritySchema = pairSchema.extend({ names: z.array(z.string()) })
type Authority = z.infer<typeof authoritySchema>

/**
 * Gives the certificates of `folder`: makes the authority where there is none, and the server's certificate where there is
 * none, where it ends within 30 days, or where it does not have all of `wanted`. Keys are for the owner of the files alone.
 * Throws `StartError` where the clock is surely wrong, or a file is not what was written.
 */
export const ensureCertificates = async (
  folder: string,
  wanted: MachineNames,
  now = new Date(),
): Promise<Certificates> => {
  await makeFolder(folder)
  const authority =
    (await read(join(folder, AUTHORITY), authoritySchema)) ??
    (await makeAuthority(folder, wanted.names, now))
  const isAllowed = (name: string): boolean =>
    [...PRIVATE_NAMES, ...authority.names].some((end) => name === end || name.endsWith(`.${end}`))
  const machine = { ...wanted, names: wanted.names.filter(isAllowed) }
  const certificate = new X509Certificate(authority.certificate)
  const kept = await read(join(folder, SERVER), pairSchema)
  const server =
    kept !== undefined && isGood(kept, certificate, machine, now)
      ? kept
      : await issue(folder, authority, machine, now)
  return {
    authority: certificate,
    server,
    leftOut: wanted.names.filter((name) => !isAllowed(name)),
  }
}

const AUTHORITY = 'authority.json'
const SERVER = 'server.json'

const makeAuthority = async (
  folder: string,
  names: readonly string[],
  now: Date,
): Promise<Authority> => {
  if (now.getTime() < SURELY_PAST) {
    throw new StartError(
      `The clock of this machine says ${now.toISOString()}, so no certificate would be valid. Set the clock and start again.`,
    )
  }
  const { publicKey, privateKey } = makeKeys()
  // A number of its own: devices that trust an earlier authority of this machine must not take one for the other.
  const subject = `Uzima ${names[1] ?? 'server'} ${randomInt(1_000, 10_000).toString()}`
  const extensions = authorityExtensions([...PRIVATE_NAMES, ...names], PRIVATE_NETWORKS)
  const certificate = signCertificate(
    {
      subject,
      issuer: subject,
      notBefore: daysFrom(now, -1),
      notAfter: daysFrom(now, AUTHORITY_DAYS),
      publicKey,
      issuerPublicKey: publicKey,
      extensions,
    },
    privateKey,
  )
  const authority = { key: pemOf(privateKey), certificate, names: [...names] }
  await replaceFile(join(folder, AUTHORITY), JSON.stringify(authority))
  await replaceFile(join(folder, 'authority.crt'), certificate)
  return authority
}

const issue = async (
  folder: string,
  authority: Authority,
  { names, addresses }: MachineNames,
  now: Date,
): Promise<ServerCertificate> => {
  const { publicKey, privateKey } = makeKeys()
  const issuer = new X509Certificate(authority.certificate)
  const end = Math.min(daysFrom(now, SERVER_DAYS).getTime(), Date.parse(issuer.validTo))
  const certificate = signCertificate(
    {
      subject: 'Uzima server',
      issuer: commonName(issuer),
      notBefore: daysFrom(now, -1),
      notAfter: new Date(end),
      publicKey,
      issuerPublicKey: createPublicKey(issuer.publicKey.export({ type: 'spki', format: 'pem' })),
      extensions: serverExtensions(names, addresses),
    },
    createPrivateKey(authority.key),
  )
  const server = { key: pemOf(privateKey), certificate }
  await replaceFile(join(folder, SERVER), JSON.stringify(server))
  return server
}

/** A clock that is behind makes no certificate bad: the next look, at the right time, judges anew. */
const isGood = (
  { certificate }: ServerCertificate,
  authority: X509Certificate,
  { names, addresses }: MachineNames,
  now: Date,
): boolean => {
  const kept = new X509Certificate(certificate)
  const end = Date.parse(kept.validTo)
  const isLast = end >= Date.parse(authority.validTo)
  return (
    kept.verify(authority.publicKey) &&
    (isLast || end - now.getTime() > RENEW_BEFORE_DAYS * DAY_MS) &&
    names.every((name) => kept.checkHost(name) !== undefined) &&
    addresses.every((address) => kept.checkIP(address) !== undefined)
  )
}

const makeKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

const pemOf = (key: ReturnType<typeof createPrivateKey>): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()

const commonName = ({ subject }: X509Certificate): string => subject.replace(/^CN=/, '')

const daysFrom = (now: Date, days: number): Date => new Date(now.getTime() + days * DAY_MS)

/** Undefined where there is no such file: what cannot be read must not be replaced, for tablets trust it. */
const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> => {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (text === undefined) return undefined
  const content = schema.safeParse(parsed(text))
  if (content.success) return content.data
  throw new StartError(
    `${path} is damaged. Put it back from a copy; or remove it, and let every tablet trust the new certificate.`,
  )
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
