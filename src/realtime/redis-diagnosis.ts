import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { RedisReason } from '../ports/redis-state.js'
import { reasonOf, saidReason } from './redis-trouble.js'

const ANSWER_WITHIN_MS = 1_000

type Greeting =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'secure' | 'silent' | 'closed' }
  | { readonly kind: 'error'; readonly error: Error }

/**
 * Finds out why a connection to Redis does not last, where the client's own error does not tell: whoever speaks plainly to
 * a TLS port, or the other way round, is only hung up on. Sends nothing but PING. Undefined where Redis answers: it will
 * take the next connection.
 */
export const diagnose = async (url: string): Promise<RedisReason | undefined> => {
  const { protocol, hostname, port } = new URL(url)
  const address = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6_379 : Number(port),
  }
  const isTls = protocol === 'rediss:'
  const first = await greet(address, { tls: isTls, verify: true })
  if (first.kind === 'line' && /^[+-]/.test(first.text)) {
    const reason = saidReason(first.text)
    // PING comes before a password.
    return reason === 'login_refused' ? undefined : reason
  }
  const known = first.kind === 'error' ? reasonOf(first.error, 'connect') : undefined
  if (known !== undefined) return known
  const other = await greet(address, { tls: !isTls, verify: false })
  if (isTls && other.kind === 'line' && /^[+-]/.test(other.text)) return 'tls_not_spoken'
  if (!isTls && other.kind === 'secure') return 'tls_expected'
  return first.kind === 'silent' ? 'no_answer' : 'unreachable'
}

/** The first line that comes back for a PING; over TLS without `verify` only whether there is TLS. */
const greet = (
  { host, port }: { readonly host: string; readonly port: number },
  { tls, verify }: { readonly tls: boolean; readonly verify: boolean },
): Promise<Greeting> =>
  new Promise((resolve) => {
    const socket: Socket = tls
      ? connectTls({
          host,
          port,
          rejectUnauthorized: verify,
          ...(isIP(host) === 0 ? { servername: host } : {}),
        })
      : connectPlain({ host, port })
    const end = (greeting: Greeting): void => {
      socket.destroy()
      resolve(greeting)
    }
    socket.setTimeout(ANSWER_WITHIN_MS, () => {
      end({ kind: 'silent' })
    })
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      if (tls && !verify) end({ kind: 'secure' })
      else socket.write('PING\r\n')
    })
    socket.once('data', (data) => {
      end({ kind: 'line', text: data.toString('latin1') })
    })
    socket.on('error', (error) => {
      end({ kind: 'error', error })
    })
    socket.once('close', () => {
      end({ kind: 'closed' })
    })
  })
