import { RealtimeError } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges, type Outcome } from '../src/admin/settings/apply-changes.js'
import type { ItemChange } from '../src/admin/settings/fields.js'
import { item } from './item.js'

/** A server of one rule, the version, over a network that loses requests and answers as `isLost` says. */
const fakeServer = (items: readonly Item[], isLost: () => 'request' | 'answer' | undefined) => {
  const bySku = new Map(items.map((one) => [one.sku, one]))
  const writes = new Map<string, number>()
  const find = (sku: string): Item => {
    const found = bySku.get(sku)
    if (found === undefined) throw new RealtimeError('X', 'gone', { retryable: false, status: 404 })
    return found
  }
  const overNetwork = async <T>(work: () => T): Promise<T> => {
    const lost = isLost()
    const lose = (): never => {
      throw new RealtimeError('NETWORK_ERROR', 'lost', { retryable: true })
    }
    if (lost === 'request') return lose()
    const answer = work()
    return lost === 'answer' ? lose() : answer
  }
  return {
    writes,
    find,
    /** Somebody else's change. */
    change: (sku: string, changes: Partial<Item>) => {
      const before = find(sku)
      bySku.set(sku, { ...before, ...changes, version: before.version + 1 })
    },
    rest: {
      get: (sku: string) => overNetwork(() => find(sku)),
      update: (sku: string, changes: object, version?: number) =>
        overNetwork(() => {
          const before = find(sku)
          if (before.version !== version) {
            throw new RealtimeError('X', 'newer', { retryable: false, status: 412 })
          }
          const after = { ...before, ...changes, version: before.version + 1 }
          bySku.set(sku, after)
          writes.set(sku, (writes.get(sku) ?? 0) + 1)
          return after
        }),
    },
  }
}

const raise = (sku: string, from = 10, to = 25): ItemChange => ({
  sku,
  name: sku,
  fields: [{ field: 'threshold', before: from, after: to }],
})

const apply = async (
  changes: readonly ItemChange[],
  server: ReturnType<typeof fakeServer>,
  options: {
    readonly find?: (sku: string) => Item | undefined
    readonly signal?: AbortSignal
  } = {},
) => {
  const outcomes = new Map<string, Outcome>()
  await applyChanges(changes, {
    rest: server.rest,
    find: server.find,
    onOutcome: ({ sku }, outcome) => outcomes.set(sku, outcome),
    signal: new AbortController().signal,
    waitMs: () => 0,
    ...options,
  })
  return outcomes
}

describe('changes of settings', () => {
  it('are made once each, whatever the network loses and however the stock moves meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (chances) => {
        const skus = Array.from({ length: 12 }, (_, index) => `S${index.toString()}`)
        const server = fakeServer(
          skus.map((sku) => item(sku)),
          () => {
            const chance = chances.next().value ?? 9
            // Whoever dispenses makes new versions all the time.
            if (chance === 2) server.change(skus[chance] ?? '', { usableQuantity: 1 })
            return chance === 0 ? 'request' : chance === 1 ? 'answer' : undefined
          },
        )
        const outcomes = await apply(
          skus.map((sku) => raise(sku)),
          server,
        )
        expect([...outcomes.values()]).toEqual(skus.map(() => ({ state: 'saved' })))
        for (const sku of skus) {
          expect(server.find(sku).threshold).toBe(25)
          expect(server.writes.get(sku)).toBe(1)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('never overwrite what somebody else has set since they were shown', async () => {
    const server = fakeServer([item('A'), item('B')], () => undefined)
    const shown = { A: server.find('A'), B: server.find('B') }
    server.change('A', { threshold: 50 })
    server.change('B', { unit: 'box' })
    // The page's own view is late.
    const outcomes = await apply([raise('A'), raise('B')], server, {
      find: (sku) => shown[sku as 'A' | 'B'],
    })
    expect(outcomes.get('A')).toMatchObject({ state: 'overtaken', now: 50 })
    expect(outcomes.get('B')).toEqual({ state: 'saved' })
    expect(server.find('A').threshold).toBe(50)
    expect(server.find('B')).toMatchObject({ threshold: 25, unit: 'box' })
  })

  it('are refused one by one', async () => {
    const server = fakeServer([item('A')], () => undefined)
    const outcomes = await apply([raise('GONE'), raise('A')], server, { find: () => undefined })
    expect(outcomes.get('GONE')).toMatchObject({ state: 'refused', error: { status: 404 } })
    expect(outcomes.get('A')).toEqual({ state: 'saved' })
  })

  it('end when they are stopped, and say which were not tried', async () => {
    const skus = Array.from({ length: 20 }, (_, index) => `S${index.toString()}`)
    const stop = new AbortController()
    const server = fakeServer(
      skus.map((sku) => item(sku)),
      () => {
        if (server.writes.size === 5) stop.abort()
        return undefined
      },
    )
    const outcomes = await apply(
      skus.map((sku) => raise(sku)),
      server,
      { signal: stop.signal },
    )
    const count = (state: Outcome['state']) =>
      [...outcomes.values()].filter((outcome) => outcome.state === state).length
    expect(count('saved')).toBe(server.writes.size)
    expect(count('saved') + count('stopped')).toBe(20)
    expect(count('stopped')).toBeGreaterThan(10)
  })

  it('are not tried on when the session has ended', async () => {
    const server = fakeServer([item('A')], () => {
      throw new RealtimeError('X', 'out', { retryable: false, status: 401 })
    })
    const outcomes = await apply(
      Array.from({ length: 10 }, (_, index) => raise(`S${index.toString()}`)),
      server,
      { find: () => item('S') },
    )
    const states = [...outcomes.values()].map(({ state }) => state)
    expect(states.filter((state) => state === 'refused').length).toBeLessThanOrEqual(3)
    expect(states).toContain('stopped')
  })
})
