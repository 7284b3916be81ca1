import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { downloadKeySet } from './jwks.js'
import { ASYMMETRIC_ALGORITHMS } from './public-key.js'

/** What is found at `JWT_JWKS_URL`. */
export interface KeyHostVerdict {
  readonly level: 'ok' | 'warn' | 'fail'
  /** A sentence, with what to do where it is not ok. Never the URL: its query may hold a key. */
  readonly says: string
}

const ANSWER_WITHIN_MS = 3_000
const DAY_MS = 86_400_000
const RENEW_WITHIN_DAYS = 14

/** Looks at the certificate of the host and reads its keys once, as the server does when a token needs one. */
export const inspectKeyHost = async (
  url: string,
  only?: readonly string[],
): Promise<KeyHostVerdict> => {
  const { protocol, host } = new URL(url)
  const fail = (says: string): KeyHostVerdict => ({ level: 'fail', says: `JWT_JWKS_URL: ${says}` })
  const certificate = protocol === 'https:' ? await readCertificate(new URL(url)) : undefined
  if (certificate?.error !== undefined) return fail(sentenceOf(certificate.error, host))

  const algorithms = ASYMMETRIC_ALGORITHMS.filter((name) => only?.includes(name) ?? true)
  const keys = await downloadKeySet(url, algorithms, ANSWER_WITHIN_MS).catch(
    (error: unknown) => new Error(reasonOf(error)),
  )
  if (keys instanceof Error) return fail(sentenceOf(keys.message, host))
  if (keys.length === 0) {
    return fail(`no key of ${host} can be used. Compare its key set with JWT_ALGORITHMS.`)
  }
  const days = certificate?.days ?? Infinity
  const told = `${host} gives ${keys.length.toString()} key${keys.length === 1 ? '' : 's'}`
  if (days < RENEW_WITHIN_DAYS) {
    return {
      level: 'warn',
      says: `JWT_JWKS_URL: the certificate of ${host} ends in ${days.toString()} day${days === 1 ? '' : 's'}. Have it renewed; after that its keys are refused.`,
    }
  }
  const until = Number.isFinite(days) ? `, its certificate holds for ${days.toString()} days` : ''
  return { level: 'ok', says: `${told}${until}` }
}

/** Accepts any certificate to look at it; nothing is sent. */
const readCertificate = ({ hostname, port }: URL): Promise<{ error?: string; days?: number }> =>
  new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    })
    const end = (found: { error?: string; days?: number }): void => {
      socket.destroy()
      resolve(found)
    }
    socket.setTimeout(ANSWER_WITHIN_MS, () => {
      end({ error: 'ETIMEDOUT' })
    })
    socket.once('error', (error) => {
      end({ error: reasonOf(error) })
    })
    socket.once('secureConnect', () => {
      const ends = Date.parse(socket.getPeerCertificate().valid_to)
      const days = Math.floor((ends - Date.now()) / DAY_MS)
      // The types say Error; it is the code as text.
      const error = socket.authorized ? undefined : String(socket.authorizationError)
      end({ ...(error === undefined ? {} : { error }), ...(Number.isNaN(days) ? {} : { days }) })
    })
  })

/** The code of the innermost error that has one; `fetch` wraps what the system said. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return reasonOf(error.cause)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

const GIVE_ISSUER =
  'Give the certificate of its issuer in NODE_EXTRA_CA_CERTS=<file>, or have it signed by a known one'
const SENTENCES: readonly (readonly [RegExp, (host: string) => string])[] = [
  [
    /SELF_SIGNED/,
    (host) =>
      `the certificate of ${host} is self-signed, so no key of it is taken. ${GIVE_ISSUER}.`,
  ],
  [
    /UNABLE_TO_(?:VERIFY|GET)|CERT_UNTRUSTED/,
    (host) =>
      `the certificate of ${host} is of no known issuer, so no key of it is taken. ${GIVE_ISSUER}.`,
  ],
  [/CERT_HAS_EXPIRED/, (host) => `the certificate of ${host} has ended. Have it renewed.`],
  [
    /CERT_NOT_YET_VALID/,
    (host) => `the certificate of ${host} is not valid yet. Look at the clock of this machine.`,
  ],
  [
    /ALTNAME/,
    (host) => `the certificate is not of ${host}. Write the host as its certificate does.`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    (host) => `the host ${host} is not known. Correct the name, or look at the DNS.`,
  ],
  [
    /ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError|aborted due to timeout/,
    (host) =>
      `${host} does not answer, and its tokens are refused meanwhile. Check the address, and whether a firewall is between.`,
  ],
]

const sentenceOf = (reason: string, host: string): string =>
  SENTENCES.find(([pattern]) => pattern.test(reason))?.[1](host) ??
  `the keys of ${host} cannot be read (${reason.replace(/\.$/, '').slice(0, 120)}). Open the address in a browser; it gives a JSON Web Key Set.`
