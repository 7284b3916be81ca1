import { BadValueError } from './parsers.js'

/** One server of DATABASE_URL. */
export interface DatabaseServer {
  /** The URL of this server alone, in the form that the driver takes. */
  readonly url: string
  /** Its host, or the folder of its socket. */
  readonly host: string
  /** What a message may call it: `host:port`, or the folder. */
  readonly at: string
}

/** DATABASE_URL, taken apart. Never log it whole: `servers` hold the password. */
export interface DatabaseUrl {
  /** In the order in which they are tried; one at least. */
  readonly servers: readonly [DatabaseServer, ...DatabaseServer[]]
  /** Whether a server that only reads is passed over. */
  readonly wantsWritable: boolean
  readonly user: string
  readonly database: string
  readonly hasPassword: boolean
  /** The text without the password, in whichever way it is written there. */
  readonly redact: (text: string) => string
}

const FORM = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/s
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(\d*))?$/i
// What libpq knows and the driver does not: left alone, each of them would quietly not be done.
const UNSUPPORTED = ['hostaddr', 'service', 'passfile', 'sslcrl', 'load_balance_hosts']
const SESSION_ATTRS = ['any', 'read-write', 'primary']

/**
 * Takes apart what libpq calls a connection URI: several hosts and ports with commas, `host` as a parameter for the folder of
 * a socket, `target_session_attrs`. Throws `BadValueError`, which never shows a part of the URL: in one that is not well
 * formed, nobody knows where the password ends.
 */
export const parseDatabaseUrl = (text: string): DatabaseUrl => {
  const [matched, authority = '', path = '', search = '', hash] = FORM.exec(text) ?? []
  if (matched === undefined) {
    throw new BadValueError('is not a URL that begins with postgres:// or postgresql://')
  }
  if (hash !== undefined || `${path}${search}`.includes('@')) {
    throw new BadValueError(
      'has a "/", "?", "#" or "@" as it is in the user, the password or what follows the host. Write them as %2F, %3F, %23 and %40',
    )
  }
  const userEnd = authority.lastIndexOf('@')
  const [writtenUser, writtenPassword] = splitOnce(authority.slice(0, Math.max(userEnd, 0)), ':')
  const user = decoded(writtenUser)
  const password = decoded(writtenPassword)
  const params = new URLSearchParams(search)
  refuseUnsupported(params)
  const hosts = hostsOf(authority.slice(userEnd + 1), params)
  const wanted = params.get('target_session_attrs') ?? 'any'
  for (const name of ['host', 'port', 'target_session_attrs']) params.delete(name)

  const login = user === '' ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`
  const toServer = ({ host, port }: Host): DatabaseServer => {
    const own = new URLSearchParams(params)
    if (host !== '') own.set('host', host)
    if (port !== '') own.set('port', port)
    return {
      // URLSearchParams writes a space as +, which is a plus to others.
      url: `postgres://${login}/${path}?${own.toString().replaceAll('+', '%20')}`,
      host: host === '' ? 'localhost' : host,
      // Where there is no user, the digits may be a password whose host was forgotten.
      at: nameOf(host, userEnd < 0 && !params.has('user') && port !== '' ? undefined : port),
    }
  }
  const [first, ...others] = hosts
  const shownUser = params.get('user') ?? user
  const secrets = [password, writtenPassword, encodeURIComponent(password)]
    .concat(params.get('password') ?? '')
    .filter((secret) => secret !== '')
  return {
    servers: [toServer(first), ...others.map(toServer)],
    wantsWritable: others.length > 0 || wanted !== 'any',
    user: shownUser,
    database: decoded(path) || shownUser,
    hasPassword: secrets.length > 0,
    redact: (message) =>
      secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), message),
  }
}

/** The parser of the setting: gives the URL as it was written, once it is known to be one. */
export const databaseUrl = (text: string): string => {
  parseDatabaseUrl(text)
  return text
}

interface Host {
  readonly host: string
  readonly port: string
}

const hostsOf = (authority: string, params: URLSearchParams): [Host, ...Host[]] => {
  const inAuthority = authority.split(',').map(hostOf)
  const named = params.get('host')?.split(',') ?? inAuthority.map(({ host }) => host)
  const ports = params.get('port')?.split(',') ?? inAuthority.map(({ port }) => port)
  if (named.length > 1 && named.includes(''))
    throw new BadValueError('has an empty host in its list')
  if (ports.length > 1 && ports.length !== named.length) {
    throw new BadValueError('has not as many ports as hosts')
  }
  const [first = { host: '', port: '' }, ...others] = named.map((host, index) => ({
    host,
    port: checkedPort(ports.length === 1 ? ports[0] : ports[index]),
  }))
  return [first, ...others]
}

const hostOf = (text: string): Host => {
  const [, host, port = ''] = HOST.exec(text) ?? []
  if (host === undefined) throw new BadValueError(NO_HOST)
  return { host: decoded(host.replace(/^\[(.*)\]$/, '$1')), port }
}

const NO_HOST =
  'names a host or a port that cannot be read; the form is postgres://user:password@host:port/database'

const checkedPort = (port = ''): string => {
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
  if (port !== '' && !isPort) throw new BadValueError(NO_HOST)
  return port
}

const nameOf = (host: string, port: string | undefined): string => {
  const shown = host === '' ? 'localhost' : host
  if (host.startsWith('/') || port === undefined) return shown
  return `${shown.includes(':') ? `[${shown}]` : shown}:${port === '' ? '5432' : port}`
}

const refuseUnsupported = (params: URLSearchParams): void => {
  const unsupported = UNSUPPORTED.find((name) => params.has(name))
  if (unsupported !== undefined) {
    throw new BadValueError(`has the parameter ${unsupported}, which this program does not know`)
  }
  const wanted = params.get('target_session_attrs')
  if (wanted !== null && !SESSION_ATTRS.includes(wanted)) {
    throw new BadValueError(
      `has a target_session_attrs that is none of ${SESSION_ATTRS.join(', ')}: this program writes`,
    )
  }
}

const splitOnce = (text: string, separator: string): [string, string] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** As it is where it is not validly encoded: a password may have a bare %. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
