import type { InventoryDigest } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toLogEntry } from '../../src/log/entry.js'
import { createStockDigest } from '../../src/realtime/stock-digest.js'

const entry = (seq: number, name: string) =>
  toLogEntry({ seq, name, audience: 'stock', payload: {}, at: new Date(0) })

/** A node that delivers a log, and a database that is ahead of it or not. */
const createWorld = (log: readonly boolean[]) => {
  let committed = 0
  let delivered = 0
  const told: { readonly digest: InventoryDigest; readonly at: number }[] = []
  let answer: (() => void) | undefined
  let asked = 0
  /** The state of the stock is the number of its last change. */
  const stateAt = (seq: number): string =>
    log.slice(0, seq).lastIndexOf(true).toString(16).padStart(16, '0')

  const digest = createStockDigest({
    read: () => {
      asked += 1
      const seq = committed
      const items = 0
      return new Promise((resolve) => {
        answer = () => {
          answer = undefined
          resolve({ seq, items, digest: stateAt(seq), at: '2026-01-01T00:00:00.000Z' })
        }
      })
    },
    everyMs: 1,
    seq: () => delivered,
    isFresh: () => true,
    mayKnow: () => true,
    send: (sent) => told.push({ digest: sent, at: delivered }),
    onDiverged: () => undefined,
    onError: () => undefined,
  })
  return {
    told,
    digest,
    stateAt,
    asked: () => asked,
    isAsked: () => answer !== undefined,
    commit: () => {
      committed = Math.min(committed + 1, log.length)
    },
    /** As the delivery does it: all before what is due is sent when it is passed, nothing after. */
    deliver: () => {
      if (delivered >= committed) return
      delivered += 1
      digest.passed(entry(delivered, log[delivered - 1] === true ? 'inventory:update' : 'other'))
    },
    answer: () => answer?.(),
  }
}

describe('the digest of a node', () => {
  it('is told where the stream has that state, never behind and never ahead of it', async () => {
    const log = fc.array(fc.boolean(), { minLength: 1, maxLength: 15 })
    const step = fc.constantFrom('commit', 'commit', 'deliver', 'answer', 'ask')
    await fc.assert(
      fc.asyncProperty(log, fc.array(step, { maxLength: 60 }), async (entries, steps) => {
        const world = createWorld(entries)
        for (const next of steps) {
          if (next === 'ask') await expect.poll(world.isAsked, { interval: 1 }).toBe(true)
          else if (next === 'answer') {
            world.answer()
            // Until it has been acted on.
            await new Promise(setImmediate)
          } else world[next]()
        }
        // What is under way ends, and one more is told at the end.
        entries.forEach(world.commit)
        entries.forEach(world.deliver)
        const before = world.told.length
        await expect
          .poll(
            () => {
              world.answer()
              return world.told.length
            },
            { interval: 1 },
          )
          .toBeGreaterThan(before)
        const stopped = world.digest.stop()
        world.answer()
        await stopped
        for (const { digest, at } of world.told) {
          expect(digest.seq).toBe(at)
          expect(digest.digest).toBe(world.stateAt(at))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is given up for this time where the stock changes whenever it is asked for', async () => {
    const world = createWorld(Array.from({ length: 40 }, () => true))
    for (let reads = 1; reads <= 10; reads += 1) {
      await expect.poll(world.isAsked).toBe(true)
      expect(world.asked()).toBe(reads)
      world.commit()
      world.deliver()
      world.answer()
    }
    // The next time.
    await expect.poll(world.isAsked).toBe(true)
    expect(world.told).toEqual([])
    const stopped = world.digest.stop()
    world.answer()
    await stopped
  })
})
