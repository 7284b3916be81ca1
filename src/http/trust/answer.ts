import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AUTHORITY_PATH, TRUST_POLICY, trustPage } from './page.js'
import type { TrustLanguage } from './words.js'

/** What who comes over plain HTTP from another machine gets in place of the service. */
export interface TrustAnswerDeps {
  readonly authority: () => X509Certificate
  readonly securePort: () => number
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': TRUST_POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Answers with the certificate to trust, with the page that explains how, and else with where the service is. */
export const createTrustAnswer =
  ({ authority, securePort }: TrustAnswerDeps) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(`http://host${pathOf(request)}`)
    const send = (status: number, type: string, body: string | Buffer): void => {
      response.writeHead(status, { ...HEADERS, 'content-type': type, connection: 'close' })
      response.end(body)
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const secureUrl = `https://${hostOf(request)}:${securePort().toString()}`
    if (!isRead || FOR_PROGRAMS.test(pathname)) {
      send(426, 'text/plain; charset=utf-8', `Only over HTTPS: ${secureUrl}\n`)
    } else if (pathname === AUTHORITY_PATH) {
      send(200, 'application/x-x509-ca-cert', authority().raw)
    } else {
      const { fingerprint256, fingerprint } = authority()
      send(
        200,
        'text/html; charset=utf-8',
        trustPage({
          language: languageOf(searchParams.get('lang') ?? request.headers['accept-language']),
          secureUrl,
          securePort: securePort(),
          fingerprints: { sha256: fingerprint256, sha1: fingerprint },
        }),
      )
    }
  }

const FOR_PROGRAMS = /^\/(?:api|socket\.io|metrics|health)(?:\/|$)/

/** The target of a request may be a whole URL, or nothing that is one. */
const pathOf = ({ url = '/' }: IncomingMessage): string =>
  url.startsWith('/') && URL.canParse(`http://host${url}`) ? url : '/'

/** The header is the caller's text, so only a host is taken. */
const hostOf = ({ headers }: IncomingMessage): string =>
  /^([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?$/.exec(headers.host ?? '')?.[1] ?? 'localhost'

const languageOf = (wish = ''): TrustLanguage => (/^sw\b/i.test(wish) ? 'sw' : 'en')
