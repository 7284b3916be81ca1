import { describe, expect, it } from 'vitest'
import { memoryWriteStore } from '../../src/index.js'
import { booked, consume, keys, noAnswer, problem, setupDesk, states } from './support.js'

describe('several tabs', () => {
  it('leave a write to the one that has it under way, and take it over when its lease is over', async () => {
    const store = memoryWriteStore()
    using frozen = await setupDesk(store)
    let thaw: (() => void) | undefined
    frozen.answer = async (request) => {
      await new Promise<void>((resolve) => {
        thaw = resolve
      })
      return booked(request)
    }
    using other = await setupDesk(store)
    const { id } = await frozen.queue.add(consume('A'))
    await expect.poll(() => frozen.sent.length).toBe(1)
    await other.queue.add(consume('B'))
    await expect.poll(() => other.queue.list().length).toBe(1)
    expect(keys(other)).not.toContain(id)
    other.clockMs = 31_000
    other.queue.wake()
    await expect.poll(() => other.queue.list()).toEqual([])
    expect(keys(other)).toContain(id)
    thaw?.()
    await expect.poll(() => frozen.queue.list()).toEqual([])
  })

  it('go by what the store knows of earlier attempts, not by what they have heard', async () => {
    const store = memoryWriteStore()
    let isDeaf = false
    using first = await setupDesk(store)
    using second = await setupDesk({
      ...store,
      onChange: (listener) =>
        store.onChange(() => {
          if (!isDeaf) listener()
        }),
    })
    first.isOnline = second.isOnline = false
    await first.queue.add(consume('A'))
    await expect.poll(() => states(second)).toEqual(['queued'])
    isDeaf = true
    first.answer = noAnswer
    first.isOnline = true
    first.queue.wake()
    await expect.poll(() => states(first)).toEqual(['unsure'])
    first.queue.stop()
    second.answer = () => problem(403, 'AUTH_FORBIDDEN')
    second.isOnline = true
    second.queue.wake()
    await expect.poll(() => states(second)).toEqual(['waiting'])
  })

  it('send nothing that others have dealt with while they slept', async () => {
    const store = memoryWriteStore()
    let wakeUp: (() => void) | undefined
    // Sleeps right after its claim is kept, before the request.
    using asleep = await setupDesk({
      ...store,
      transact: async (change) => {
        const { result, put } = await store.transact((rows) => {
          const changed = change(rows)
          return { ...changed, result: changed }
        })
        if (put?.some(({ state }) => state === 'sending') === true) {
          await new Promise<void>((resolve) => {
            wakeUp = resolve
          })
        }
        return result
      },
    })
    const { id } = await asleep.queue.add(consume('A', 20))
    await expect.poll(() => wakeUp).toBeDefined()
    using other = await setupDesk(store)
    other.clockMs = asleep.clockMs = 31_000
    other.answer = () => problem(409, 'INVENTORY_INSUFFICIENT_STOCK')
    other.queue.wake()
    await expect.poll(() => states(other)).toEqual(['refused'])
    other.answer = booked
    await other.queue.retry(id, { quantity: 12 })
    await expect.poll(() => other.queue.list()).toEqual([])
    wakeUp?.()
    await asleep.queue.add(consume('B'))
    await expect.poll(() => asleep.queue.list()).toEqual([])
    expect(keys(asleep)).not.toContain(id)
  })

  it('wait for no lease that a wrong clock has put hours away', async () => {
    const store = memoryWriteStore()
    using ahead = await setupDesk(store)
    ahead.clockMs = 12 * 3_600_000
    ahead.answer = () => new Promise(() => {})
    await ahead.queue.add(consume('A'))
    await expect.poll(() => ahead.sent.length).toBe(1)
    using right = await setupDesk(store)
    await expect.poll(() => right.sent.length).toBe(1)
    expect(keys(right)).toEqual(keys(ahead))
  })

  it('know at once that a tab is gone where the browser tells', async () => {
    const held = new Set<string>()
    const locks = {
      request: async (name: string, work: () => Promise<unknown>) => {
        held.add(name)
        await work()
        held.delete(name)
      },
      query: async () => ({ held: [...held].map((name) => ({ name })) }),
    } as unknown as LockManager
    const store = memoryWriteStore()
    const closed = await setupDesk(store, { locks })
    closed.answer = () => new Promise(() => {})
    await closed.queue.add(consume('A'))
    await expect.poll(() => closed.sent.length).toBe(1)
    using other = await setupDesk(store, { locks })
    await other.queue.add(consume('B'))
    await expect.poll(() => other.queue.list().length).toBe(1)
    expect(other.sent).toHaveLength(1)
    closed.queue.stop()
    await expect.poll(() => held.size).toBe(1)
    other.queue.wake()
    await expect.poll(() => other.queue.list()).toEqual([])
  })
})
