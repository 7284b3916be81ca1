import { createHmac, generateKeyPairSync } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import { describe, expect, it } from 'vitest'
import { newSecret, NOW_MS, tokensWith } from './tokens.js'

const secret = newSecret()
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()

describe('signAccessToken', () => {
  const subject = { userId: 'user-1', sessionId: 'session-1', authVersion: 2 }

  it('signs what verifyAccessToken accepts, with issuer and audience', async () => {
    const rules = { issuer: 'uzima', audience: 'screens' }
    const tokens = await tokensWith({ jwtSecret: secret }, rules)
    const { token, expiresAt, expiresIn } = tokens.signAccessToken(subject)
    expect(await tokens.verifyAccessToken(token)).toEqual({
      ...subject,
      issuedAt: NOW_MS,
      expiresAt,
    })
    expect(expiresAt).toBe(NOW_MS + 900_000)
    expect(expiresIn).toBe(900)
    expect(jsonwebtoken.decode(token)).toMatchObject({ id: 'user-1', sub: 'user-1', iss: 'uzima' })
  })

  it('signs what any other library verifies with the same secret', async () => {
    const tokens = await tokensWith({ jwtSecret: secret })
    const { token } = tokens.signAccessToken(subject)
    const input = token.slice(0, token.lastIndexOf('.'))
    const signature = token.split('.')[2]
    expect(createHmac('sha256', secret).update(input).digest('base64url')).toBe(signature)
  })

  it('refuses where all tokens come from another issuer', async () => {
    const tokens = await tokensWith({ jwtPublicKey: rsaPem })
    expect(() => tokens.signAccessToken(subject)).toThrow(
      expect.objectContaining({ code: 'SERVER_UNAVAILABLE' }),
    )
  })
})
