import fc from 'fast-check'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'

/** The complaint about the URL; empty where it is taken. */
const complaint = (url: string): string => {
  try {
    loadConfig({ REDIS_URL: url })
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : 'something else was thrown'
  }
}

describe('REDIS_URL', () => {
  it.each([
    'redis://localhost',
    'redis://localhost:6379/',
    'rediss://redis.example:6380/15',
    'redis://:secret@[::1]:6379/0',
    'redis://uzima:p%40ss%2Fword@10.0.0.7?family=6',
  ])('may be %s', (url) => {
    expect(complaint(url)).toBe('')
  })

  it.each([
    ['http://:MARKED@host', 'redis:// or rediss://'],
    [':MARKED@host:6379', 'redis:// or rediss://'],
    ['redis://:MARK@ED@host', '%40'],
    ['redis://:MARK/ED@host', '%2F'],
    ['redis://:12/MARKED@host', '%2F'],
    ['redis://u:12#MARKED@host', '%23'],
    ['redis://u:12?MARKED@host', '%3F'],
    ['redis://:MARK%ED@host', '%25'],
    ['redis://:MARK ED@host', '%20'],
    ['redis://:MARKED@host:70000', 'is not a URL'],
    ['redis://:MARKED@host:0', 'port 0'],
    ['redis://:MARKED@', 'is not a URL'],
    ['redis://', 'no host'],
    ['redis://:MARKED@host/one', 'number of a database'],
    ['redis://:MARKED@host/-1', 'number of a database'],
    ['redis://:MARKED@host/1/2', 'number of a database'],
    ['redis://:MARKED@host?password=MARKED', 'options'],
    ['redis://host#MARKED', 'options'],
  ])('is refused as %s, with what is wrong and no piece of the password', (url, reason) => {
    const message = complaint(url)
    expect(message).toContain('REDIS_URL: ')
    expect(message).toContain(reason)
    expect(message).not.toMatch(/MARK|ED@/)
  })

  it('is read by the client as it was meant, or refused, whatever the password is', () => {
    const passwords = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string({ minLength: 1, unit: fc.constantFrom(...Array.from('@:/?#[]%&=+ \\^|`{}~é1a')) }),
    )
    fc.assert(
      fc.property(passwords, fc.boolean(), (password, isEscaped) => {
        const written = isEscaped ? encodeURIComponent(password) : password
        const url = `redis://:${written}@redis.example:6380/2`
        if (isEscaped) expect(complaint(url)).toBe('')
        if (complaint(url) !== '') return
        const { options } = new Redis(url, { lazyConnect: true })
        expect(options).toMatchObject({ host: 'redis.example', port: 6380, db: 2 })
        expect(options.password).toBe(decodeURIComponent(written))
      }),
    )
  })
})
