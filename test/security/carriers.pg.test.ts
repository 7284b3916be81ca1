import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'

const STATES = ['absent', 'valid', 'forged'] as const
type State = (typeof STATES)[number]

/** The verdict on one handshake: the user who was let in, or the code of the refusal. */
const verdictOf = async (
  app: TestApp,
  options: Parameters<TestApp['client']>[1],
): Promise<string> => {
  const { socket } = app.client(undefined, { reconnection: false, ...options })
  const verdict = await new Promise<string>((resolve) => {
    socket.once('connected', ({ userId }: { readonly userId: string }) => {
      resolve(userId)
    })
    socket.once('connect_error', (error: Error & { readonly data?: { readonly code: string } }) => {
      resolve(error.data?.code ?? error.message)
    })
  })
  socket.disconnect()
  return verdict
}

// Class 2: never "any valid one wins".
describe('a handshake with several tokens', () => {
  it.each(['websocket', 'polling'] as const)(
    'is judged by the first of auth, header and query alone, over %s',
    async (transport) => {
      await using app = await setupApp({ env: { AUTH_FAILURES_PER_MINUTE: '100000' } })
      const users = {
        auth: await app.addUser('doctor'),
        header: await app.addUser('doctor'),
        query: await app.addUser('doctor'),
      }
      const tokenOf = (carrier: keyof typeof users, state: State): string | undefined => {
        if (state === 'absent') return undefined
        const { id, token } = users[carrier]
        return state === 'valid' ? token : jwt.sign({ id }, randomBytes(32), { expiresIn: 60 })
      }
      const verdicts: Record<string, string> = {}
      const expected: Record<string, string> = {}
      for (const auth of STATES) {
        for (const header of STATES) {
          for (const query of STATES) {
            const [byAuth, byHeader, byQuery] = [
              tokenOf('auth', auth),
              tokenOf('header', header),
              tokenOf('query', query),
            ]
            const name = `auth ${auth}, header ${header}, query ${query}`
            verdicts[name] = await verdictOf(app, {
              transports: [transport],
              ...(byAuth === undefined ? {} : { auth: { token: byAuth } }),
              ...(byHeader === undefined
                ? {}
                : { extraHeaders: { authorization: `Bearer ${byHeader}` } }),
              ...(byQuery === undefined ? {} : { query: { token: byQuery } }),
            })
            const first = (
              [
                ['auth', auth],
                ['header', header],
                ['query', query],
              ] as const
            ).find(([, state]) => state !== 'absent')
            if (first === undefined) expected[name] = 'AUTH_TOKEN_MISSING'
            else expected[name] = first[1] === 'valid' ? users[first[0]].id : 'AUTH_TOKEN_INVALID'
          }
        }
      }
      expect(Object.keys(verdicts)).toHaveLength(27)
      expect(verdicts).toEqual(expected)
    },
    30_000,
  )

  it('takes none from the query where that is switched off', async () => {
    await using app = await setupApp({ env: { ALLOW_QUERY_TOKEN: 'false' } })
    const { token, id } = await app.addUser('doctor')
    expect(await verdictOf(app, { transports: ['websocket'], query: { token } })).toBe(
      'AUTH_TOKEN_MISSING',
    )
    expect(await verdictOf(app, { transports: ['websocket'], auth: { token } })).toBe(id)
  })
})

// M19: a list of refused texts would be got around by another text of the same token.
describe('a revoked token', () => {
  it('is refused in every spelling', async () => {
    await using app = await setupApp({ env: { AUTH_FAILURES_PER_MINUTE: '100000' } })
    const { token, id } = await app.addUser('doctor')
    const [header = '', payload = '', signature = ''] = token.split('.')
    const last = signature.slice(-1)
    const spellings = [
      token,
      `${token}=`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}=.${signature}`,
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `${header}.${payload}.${signature.slice(0, -1)}${String.fromCharCode(last.charCodeAt(0) + 1)}`,
      token.replaceAll('-', '+').replaceAll('_', '/'),
    ]
    await app.database.query('update users set tokens_not_before = now() where id = $1', [id])
    await expect
      .poll(() => verdictOf(app, { transports: ['websocket'], auth: { token } }))
      .toBe('AUTH_SESSION_REVOKED')
    for (const spelling of spellings) {
      expect(
        await verdictOf(app, { transports: ['websocket'], auth: { token: spelling } }),
      ).toMatch(/^AUTH_(TOKEN_INVALID|SESSION_REVOKED)$/)
    }
  })
})
