import { describe, expect, it } from 'vitest'
import { createChime, QUIET_MS } from '../src/alerts/chime.js'
import { createPasswordCheck } from '../src/session/password-check.js'
import { createIdleLock, type IdleLock } from '../src/tablet/idle-lock.js'

const createStorage = (): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> => {
  const kept = new Map<string, string>()
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  }
}

describe('the lock of a tablet', () => {
  const AFTER = 60_000
  const world = (): { open: () => IdleLock; pass: (ms: number) => void } => {
    const storage = createStorage()
    let at = 1_000_000
    return {
      open: () => createIdleLock({ storage, afterMs: () => AFTER, now: () => at }),
      pass: (ms) => {
        at += ms
      },
    }
  }

  it('locks when nobody has done anything for so long, and stays locked over a reload', () => {
    const { open, pass } = world()
    const lock = open()
    pass(AFTER - 1)
    lock.active()
    pass(AFTER - 1)
    lock.check()
    expect(lock.get()).toBe(false)
    pass(1)
    lock.check()
    expect(lock.get()).toBe(true)
    expect(open().get()).toBe(true)
    lock.unlock()
    expect(open().get()).toBe(false)
  })

  it('is not kept open by the first touch after a long sleep', () => {
    const { open, pass } = world()
    const lock = open()
    pass(AFTER * 100)
    lock.active()
    expect(lock.get()).toBe(true)
    expect(open().get()).toBe(true)
  })

  it('is locked from the start where the tab was idle while it was not there', () => {
    const { open, pass } = world()
    open()
    pass(AFTER)
    expect(open().get()).toBe(true)
  })

  it('leaves nothing to the next person', () => {
    const { open } = world()
    const lock = open()
    lock.lock()
    lock.forget()
    expect(open().get()).toBe(false)
  })
})

describe('a password that the server has accepted', () => {
  it('is known again, of that person alone, until five wrong ones', async () => {
    const check = createPasswordCheck()
    expect(await check.matches('a', 'right')).toBeNull()
    await check.remember('a', 'right')
    expect(await check.matches('a', 'right')).toBe(true)
    expect(await check.matches('b', 'right')).toBeNull()
    for (let wrong = 0; wrong < 5; wrong += 1) {
      expect(await check.matches('a', 'wrong')).toBe(false)
    }
    expect(await check.matches('a', 'right')).toBeNull()
  })

  it('is not remembered where the browser offers no hash', async () => {
    const check = createPasswordCheck(null)
    await check.remember('a', 'right')
    expect(await check.matches('a', 'right')).toBeNull()
  })
})

describe('the sound of alerts', () => {
  it('is one for many, never twice for the same, quiet for a minute, and can be off', () => {
    let at = 0
    let sounds = 0
    let isOn = true
    const chime = createChime({
      play: () => {
        sounds += 1
      },
      isOn: () => isOn,
      now: () => at,
    })
    chime.raised(['1', '2', '3'])
    expect(sounds).toBe(1)
    at += QUIET_MS
    chime.raised(['1', '2'])
    expect(sounds).toBe(1)
    chime.raised(['4'])
    expect(sounds).toBe(2)
    at += QUIET_MS - 1
    chime.raised(['5'])
    expect(sounds).toBe(2)
    isOn = false
    at += QUIET_MS
    chime.raised(['6'])
    expect(sounds).toBe(2)
  })
})
