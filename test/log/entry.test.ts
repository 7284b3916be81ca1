import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { userOf } from '../../src/auth/authorize.js'
import { endsRight, isPublic, toLogEntry, type EntryRow } from '../../src/log/entry.js'

const row = (name: string, payload: Record<string, unknown>, audience = 'user:u-1'): EntryRow => ({
  seq: 1,
  name,
  audience,
  payload,
  at: new Date(0),
})

const USER = {
  deleted: false,
  userId: 'u-1',
  username: 'asha',
  role: 'pharmacist',
  isActive: true,
  authVersion: 3,
  tokensNotBefore: null,
  ended: null,
}

describe('an entry of the log', () => {
  it('is a user as committed, with the object of the payload untouched', () => {
    const payload = { ...USER, somethingNewer: 1 }
    const entry = toLogEntry(row('user:changed', payload))
    expect(entry.payload).toMatchObject(payload)
    expect(entry.name === 'user:changed' && userOf(entry)).toMatchObject({
      id: 'u-1',
      authVersion: 3,
    })
    expect(endsRight(entry)).toBe(false)
  })

  it.each([
    ['a role that is none', { ...USER, role: 'nurse' }],
    ['no version', { ...USER, authVersion: undefined }],
    ['a time that is none', { ...USER, tokensNotBefore: 'yesterday' }],
    ['nothing', {}],
  ])('of a user with %s leaves that user nobody', (_what, payload) => {
    const entry = toLogEntry(row('user:changed', payload))
    expect(entry.name === 'user:changed' && userOf(entry)).toBeUndefined()
    expect(entry.payload).toMatchObject({ userId: 'u-1', deleted: true })
    expect(endsRight(entry)).toBe(true)
  })

  it('of a session that cannot be read ends the user', () => {
    const entry = toLogEntry(row('session:ended', { userId: 'u-1' }))
    expect(entry).toMatchObject({ name: 'user:changed', payload: { userId: 'u-1', deleted: true } })
  })

  it('of a name from a newer version goes to nobody and ends nothing', () => {
    const entry = toLogEntry(row('tomorrow:thing', { a: 1 }, 'stock'))
    expect(entry.name).toBe('foreign')
    expect(isPublic(entry) || endsRight(entry)).toBe(false)
  })

  it('never keeps the log from being read, whatever a row holds', () => {
    const names = fc.oneof(
      fc.constantFrom('user:changed', 'session:ended', 'inventory:update', 'inventory:lowStock'),
      fc.string(),
    )
    fc.assert(
      fc.property(names, fc.dictionary(fc.string(), fc.jsonValue()), (name, payload) => {
        expect(toLogEntry(row(name, payload)).seq).toBe(1)
      }),
    )
  })
})
