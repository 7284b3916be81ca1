import { describe, expect, it } from 'vitest'
import { leaksIn } from '../../e2e/faults/checker/secrets.js'
import { splitEvent } from '../../e2e/rig/wire.js'
import { planChaos, planFaults } from '../../e2e/faults/nemesis/schedule.js'
import { createRandom } from '../../e2e/rig/random.js'

const plan = (seed: number) =>
  planFaults(createRandom(seed).fork('faults'), { count: 50, nodeCount: 3, short: false })

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan(7)).toEqual(plan(7))
    expect(plan(7)).not.toEqual(plan(8))
  })

  it('mixes 50 faults as planned', () => {
    const kinds = plan(7).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'node-kill')).toHaveLength(8)
    expect(new Set(kinds).size).toBe(18)
  })
})

describe('the schedule of chaos', () => {
  const chaos = (seed: number) => planChaos(createRandom(seed), { minutes: 60, nodeCount: 3 })

  it('is the same for the same seed, and another for another', () => {
    expect(chaos(7)).toEqual(chaos(7))
    expect(chaos(7)).not.toEqual(chaos(8))
  })

  it('has everything in its first rounds, in an hour with what takes longest', () => {
    const kinds = chaos(7).map(({ kind }) => kind)
    const first = new Set(kinds.slice(0, 26))
    expect(first.size).toBe(24)
    expect(kinds.slice(0, 3 * 26 + 1)).toContain('postgres-lost')
  })
})

describe('a schedule without a kind', () => {
  it('has none of it, and as many faults', () => {
    const faults = planFaults(createRandom(7), {
      count: 50,
      nodeCount: 3,
      short: false,
      without: ['clock-skew'],
    })
    expect(faults).toHaveLength(50)
    expect(faults.map(({ kind }) => kind)).not.toContain('clock-skew')
  })
})

describe('the search for tokens', () => {
  it('finds the end of a token that was given out, and what looks like one', () => {
    const secret = 'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'
    expect(leaksIn(`a line with ${secret.slice(-20)}`, [secret])).toBe(true)
    expect(leaksIn(`a line with ${secret}`, [])).toBe(true)
    expect(leaksIn('a line with nothing', [secret])).toBe(false)
  })
})

describe('the wire of the raw clients', () => {
  it('separates name and payload, with and without an offset of a recovery', () => {
    expect(splitEvent('42["a",{"b":"c"}]')).toEqual({ name: 'a', text: '{"b":"c"}' })
    expect(splitEvent('42["a",{"b":"c"},"Q8.0"]')).toEqual({ name: 'a', text: '{"b":"c"}' })
  })
})
