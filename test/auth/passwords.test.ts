import { describe, expect, it, vi } from 'vitest'
import { createLimit } from '../../src/auth/limit.js'
import { createPasswords } from '../../src/auth/passwords.js'
import { times } from '../support/long.js'

/** Microseconds of the processor, which other processes do not lengthen. */
const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

describe('createPasswords', () => {
  const passwords = createPasswords()

  it('hashes with argon2id at the documented cost and a new salt each time', async () => {
    const [one, other] = [await passwords.hash('a password'), await passwords.hash('a password')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(other)
  })

  it('tells the right password from others', async () => {
    const hash = await passwords.hash('mayai ya kuku 7')
    expect(await passwords.verify(hash, 'mayai ya kuku 7')).toBe(true)
    expect(await passwords.verify(hash, 'mayai ya kuku 8')).toBe(false)
    expect(await passwords.verify(hash, '')).toBe(false)
  })

  it('takes the same letters from another keyboard', async () => {
    const hash = await passwords.hash('caf\u00e9-au-lait')
    expect(await passwords.verify(hash, 'cafe\u0301-au-lait')).toBe(true)
  })

  it.each([null, '', 'x', '$argon2id$broken', '$2b$12$abcdefghijklmnopqrstuv'])(
    'matches no password against %j, and takes as long to say so',
    async (hash) => {
      const real = await passwords.hash('a password')
      const [withHash, without]: [number[], number[]] = [[], []]
      for (let i = 0; i < times(5, 15); i += 1) {
        withHash.push(await cpuOf(() => passwords.verify(real, 'wrong')))
        without.push(await cpuOf(() => passwords.verify(hash, 'wrong')))
      }
      expect(await passwords.verify(hash, 'a password')).toBe(false)
      // The least of each: whatever else this process does only adds to it.
      expect(Math.min(...without)).toBeGreaterThan(Math.min(...withHash) * 0.5)
    },
  )
})

describe('createLimit', () => {
  it('runs so many at a time, in order, and refuses one more than may wait', async () => {
    const limit = createLimit({ concurrency: 2, maxWaiting: 3 })
    const finish: (() => void)[] = []
    const work = vi.fn(() => new Promise<void>((resolve) => finish.push(resolve)))
    const admitted = Array.from({ length: 5 }, () => limit(work))
    await expect(limit(work)).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' })
    for (let done = 0; done < 5; done += 1) {
      await expect.poll(() => work.mock.calls.length).toBe(Math.min(done + 2, 5))
      finish[done]?.()
    }
    await Promise.all(admitted)
    await expect(limit(() => Promise.resolve('free again'))).resolves.toBe('free again')
  })

  it('gives the place of a failed one to the next', async () => {
    const limit = createLimit({ concurrency: 1, maxWaiting: 1 })
    const failing = limit(() => Promise.reject(new Error('broken')))
    const next = limit(() => Promise.resolve('next'))
    await expect(failing).rejects.toThrow('broken')
    await expect(next).resolves.toBe('next')
  })
})
