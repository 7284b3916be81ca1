import type { Divergence, InventoryDigest, Item } from '@uzima/contracts'
import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDigestCheck, digestOf, type DigestedItem } from '../src/digest.js'
import { sha256Head } from '../src/sha256.js'

/** As PROTOCOL.md says it, by somebody else's SHA-256. */
const reference = (items: readonly DigestedItem[]): string => {
  const sum = items.reduce((total, { sku, version, usableQuantity, expiredQuantity }) => {
    const text = [sku, version, usableQuantity, expiredQuantity].join('\n')
    return total + createHash('sha256').update(text, 'utf8').digest().readBigUInt64BE()
  }, 0n)
  return (sum % 2n ** 64n).toString(16).padStart(16, '0')
}

const anItem = fc.record({
  sku: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  version: fc.integer({ min: 1, max: 2_147_483_647 }),
  usableQuantity: fc.integer({ min: 0, max: 2_147_483_647 }),
  expiredQuantity: fc.integer({ min: 0, max: 2_147_483_647 }),
})

describe('the digest of a view', () => {
  it('is that of any other SHA-256', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const expected = createHash('sha256').update(text, 'utf8').digest().readBigUInt64BE()
        expect(sha256Head(text)).toBe(expected)
      }),
    )
    for (const length of [0, 55, 56, 63, 64, 119, 120, 1_000]) {
      const text = 'x'.repeat(length)
      const expected = createHash('sha256').update(text).digest().readBigUInt64BE()
      expect(sha256Head(text), length.toString()).toBe(expected)
    }
  })

  it('is what the protocol says, in any order', () => {
    fc.assert(
      fc.property(fc.array(anItem, { maxLength: 30 }), (items) => {
        expect(digestOf(items)).toBe(reference(items))
        expect(digestOf(items.toReversed())).toBe(reference(items))
      }),
    )
    expect(digestOf([])).toBe('0000000000000000')
  })
})

/** A view that goes by events, and what its check says. */
const createWorld = () => {
  const view = new Map<string, DigestedItem>()
  const said: string[] = []
  const diverged: Divergence[] = []
  const check = createDigestCheck({
    items: () => view.values(),
    onVerified: ({ seq }) => said.push(`verified ${seq.toString()}`),
    onDiverged: (divergence) => {
      said.push(`diverged ${divergence.seq.toString()}`)
      diverged.push(divergence)
    },
    repair: () => said.push('repair'),
  })
  return { view, said, diverged, check }
}

const tell = (seq: number, items: Iterable<DigestedItem>): InventoryDigest => {
  const all = [...items]
  return { seq, items: all.length, digest: reference(all), at: '2026-01-01T00:00:00.000Z' }
}

const item = (sku: string, version = 1): DigestedItem =>
  ({ sku, version, usableQuantity: 5, expiredQuantity: 0 }) satisfies Partial<Item>

describe('the check of a view', () => {
  it('tells of an item that is wrong, missing or too much, and asks for a snapshot', () => {
    const spoil: Record<string, (view: Map<string, DigestedItem>) => void> = {
      wrong: (view) => view.set('a', { ...item('a'), usableQuantity: 4 }),
      'changed in place': (view) => Object.assign(view.get('a') ?? {}, { usableQuantity: 4 }),
      missing: (view) => view.delete('a'),
      'too much': (view) => view.set('c', item('c')),
    }
    for (const [what, spoilIt] of Object.entries(spoil)) {
      const { view, said, diverged, check } = createWorld()
      const truth = [item('a'), item('b')]
      for (const one of truth) view.set(one.sku, { ...one })
      check.begin(3)
      check.receive(tell(3, truth))
      spoilIt(view)
      check.receive(tell(3, truth))
      expect(said, what).toEqual(['verified 3', 'diverged 3', 'repair'])
      expect(diverged, what).toEqual([{ seq: 3, digest: digestOf(view.values()) }])
    }
  })

  it('says nothing of what it cannot compare', () => {
    const { said, check, view } = createWorld()
    check.receive(tell(2, []))
    view.set('a', item('a'))
    // The snapshot was read in pages, the last one at 5.
    check.begin(5)
    check.receive(tell(4, []))
    check.end()
    check.receive(tell(6, []))
    expect(said).toEqual([])
    check.begin(6)
    check.receive(tell(6, []))
    expect(said).toEqual(['diverged 6', 'repair'])
  })

  it('does not read the stock again and again where that does not help', () => {
    const { said, check } = createWorld()
    check.begin(1)
    for (let n = 0; n < 16; n += 1) check.receive(tell(1, [item('a')]))
    expect(said.filter((line) => line === 'repair')).toHaveLength(5)
    check.receive(tell(1, []))
    check.receive(tell(1, [item('a')]))
    expect(said.slice(-2)).toEqual(['diverged 1', 'repair'])
  })
})
