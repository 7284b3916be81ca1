import { describe, expect, it } from 'vitest'
import { authorize, type AuthUser } from '../../src/auth/authorize.js'

const user: AuthUser = {
  id: 'u',
  username: 'amina',
  role: 'doctor',
  roles: ['doctor'],
  isActive: true,
  authVersion: 3,
  tokensNotBefore: 1_000,
  liveSessionIds: ['s', 'another'],
}
const own = { userId: 'u', expiresAt: 9_000, issuedAt: 500, sessionId: 's', authVersion: 3 }
const foreign = { userId: 'u', expiresAt: 9_000, issuedAt: 1_000 }

describe('authorize', () => {
  it.each([
    ['our token of the current version, whatever the clocks say', own, user],
    ['a foreign token issued at the moment of the revocation or later', foreign, user],
    [
      'a foreign token without iat where nothing was ever revoked',
      { userId: 'u', expiresAt: 9_000 },
      { ...user, tokensNotBefore: null },
    ],
  ])('accepts %s', (_, claims, account) => {
    expect(authorize(claims, account)).toBe(account)
  })

  it.each([
    ['AUTH_USER_UNKNOWN', own, undefined],
    ['AUTH_USER_INACTIVE', own, { ...user, isActive: false }],
    ['AUTH_USER_INACTIVE', { ...own, authVersion: 1 }, { ...user, isActive: false }],
    ['AUTH_SESSION_REVOKED', { ...own, sessionId: 'gone' }, user],
    ['AUTH_SESSION_REVOKED', { ...own, authVersion: 2 }, user],
    ['AUTH_SESSION_REVOKED', { ...own, authVersion: 4 }, user],
    ['AUTH_SESSION_REVOKED', { ...foreign, issuedAt: 999 }, user],
    ['AUTH_SESSION_REVOKED', { userId: 'u', expiresAt: 9_000 }, user],
  ])('refuses with %s', (code, claims, account) => {
    expect(() => authorize(claims, account)).toThrow(expect.objectContaining({ code }))
  })
})
