import { describe, expect, it } from 'vitest'
import { memoryWriteStore, type Movement } from '../../src/index.js'
import {
  booked,
  consume,
  itemWith,
  keys,
  noAnswer,
  OTHER_EPOCH,
  problem,
  rowOf,
  setupDesk,
  states,
  tokenOf,
} from './support.js'

describe('a queue of writes', () => {
  it('sends what was made without a network when it is back, each item in the order of its movements', async () => {
    using desk = await setupDesk()
    desk.isOnline = false
    const made = [await desk.queue.add(consume('A')), await desk.queue.add(consume('A', 2))]
    made.push(
      await desk.queue.add({
        kind: 'dispose',
        sku: 'B/1',
        lotNumber: 'L',
        quantity: 1,
        reason: 'x',
      }),
    )
    expect(states(desk)).toEqual(['queued', 'queued', 'queued'])
    expect(desk.sent).toEqual([])
    desk.isOnline = true
    desk.queue.wake()
    await expect.poll(() => desk.queue.list()).toEqual([])
    expect(keys(desk)).toEqual(made.map(({ id }) => id))
    expect(desk.sent[2]).toMatchObject({
      path: '/api/inventory/B%2F1/dispose',
      body: '{"lotNumber":"L","quantity":1,"reason":"x"}',
      token: tokenOf('asha'),
    })
  })

  it('keeps the key and the body until an answer of the service says what became of the write', async () => {
    using desk = await setupDesk()
    const answers = [
      noAnswer,
      () => ({ status: 200, body: undefined, retryAfter: null }),
      () => ({ status: 200, body: { ok: true }, retryAfter: null }),
      () => ({ status: 403, body: undefined, retryAfter: null }),
      () => ({ status: 404, body: { code: 'not-found' }, retryAfter: null }),
      () => ({ status: 502, body: undefined, retryAfter: null }),
      () => problem(503, 'SERVER_UNAVAILABLE', { retryable: true }),
      () => problem(409, 'IDEMPOTENCY_IN_PROGRESS', { retryable: true }),
      () => problem(500, 'INTERNAL'),
    ]
    let turn = 0
    desk.answer = (request) => (answers[turn++] ?? (() => booked(request)))()
    const { id } = await desk.queue.add(consume('A'))
    await expect
      .poll(() => {
        desk.queue.wake()
        return desk.queue.list()
      })
      .toEqual([])
    expect(keys(desk)).toEqual(Array(answers.length + 1).fill(id))
    expect(new Set(desk.sent.map(({ body }) => body)).size).toBe(1)
  })

  it('lets one write on which the service fails hold up its own item only', async () => {
    using desk = await setupDesk()
    desk.answer = (request) =>
      request.path.includes('/A/') ? problem(500, 'INTERNAL') : booked(request)
    await desk.queue.add(consume('A'))
    await desk.queue.add(consume('A'))
    for (const quantity of [1, 2, 3]) await desk.queue.add(consume('B', quantity))
    await expect.poll(() => desk.queue.list().length).toBe(2)
    expect(states(desk)).toEqual(['unsure', 'queued'])
  })

  it('sends nothing with the token of another than the author, and goes on with his own', async () => {
    using desk = await setupDesk()
    desk.setToken(tokenOf('ben'))
    const { id } = await desk.queue.add(consume('A'))
    desk.setUser('ben')
    desk.queue.wake()
    await desk.queue.add(consume('B'))
    await expect.poll(() => desk.sent.length).toBe(1)
    expect(keys(desk)).not.toContain(id)
    expect(desk.queue.list()).toEqual([])
    expect(desk.queue.othersWaiting()).toBe(1)
    desk.setToken(tokenOf('asha'))
    desk.setUser('asha')
    await expect.poll(() => keys(desk)).toContain(id)
  })

  it('waits for its author where the session is over, and then goes on under the same key', async () => {
    using desk = await setupDesk()
    desk.answer = () => problem(401, 'AUTH_SESSION_REVOKED')
    const { id } = await desk.queue.add(consume('A'))
    await expect.poll(() => states(desk)).toEqual(['waiting'])
    desk.answer = booked
    desk.setUser(null)
    expect(desk.queue.othersWaiting()).toBe(1)
    desk.setUser('asha')
    await expect.poll(() => desk.queue.list()).toEqual([])
    expect(keys(desk)).toEqual([id, id])
  })

  it('takes nobody in while nobody is logged in, and keeps nothing that the store refuses', async () => {
    const full = memoryWriteStore()
    using desk = await setupDesk({
      ...full,
      transact: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
    })
    await expect(desk.queue.add(consume('A'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    desk.setUser(null)
    await expect(desk.queue.add(consume('A'))).rejects.toMatchObject({ code: 'SIGNED_OUT' })
    expect(desk.queue.list()).toEqual([])
  })
})

describe('a refused write', () => {
  const refuse = () =>
    problem(409, 'INVENTORY_INSUFFICIENT_STOCK', { requested: 20, available: 12 })

  it('waits for a decision with what the server told, and lets others go on', async () => {
    using desk = await setupDesk()
    desk.answer = refuse
    await desk.queue.add(consume('A', 20))
    await expect.poll(() => states(desk)).toEqual(['refused'])
    expect(desk.queue.list()[0]?.refusal).toEqual({
      code: 'INVENTORY_INSUFFICIENT_STOCK',
      detail: 'INVENTORY_INSUFFICIENT_STOCK.',
      status: 409,
      params: { requested: 20, available: 12 },
    })
    expect(desk.queue.effectOn('A')).toEqual({ delta: 0, pending: 0 })
    desk.answer = booked
    await desk.queue.add(consume('A', 2))
    await expect.poll(() => states(desk)).toEqual(['refused'])
    expect(desk.sent).toHaveLength(2)
  })

  it('is tried again as a new write, once, however many tabs are asked', async () => {
    using desk = await setupDesk()
    desk.answer = refuse
    const { id } = await desk.queue.add(consume('A', 20))
    await expect.poll(() => states(desk)).toEqual(['refused'])
    desk.answer = booked
    const retries = await Promise.allSettled([
      desk.queue.retry(id, { quantity: 12 }),
      desk.queue.retry(id, { quantity: 12 }),
    ])
    expect(retries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect.poll(() => desk.queue.list()).toEqual([])
    expect(desk.sent.map(({ body }) => body)).toEqual(['{"quantity":20}', '{"quantity":12}'])
    const retry = (await desk.store.read()).find(({ retryOf }) => retryOf === id)
    expect(keys(desk)).toEqual([id, retry?.id])
    expect(await rowOf(desk, id)).toMatchObject({
      state: 'closed',
      closed: { retriedAs: retry?.id },
    })
  })

  it('is dropped with a reason; what may have been booked is not', async () => {
    using desk = await setupDesk()
    desk.answer = refuse
    const { id } = await desk.queue.add(consume('A', 20))
    await expect.poll(() => states(desk)).toEqual(['refused'])
    await desk.queue.drop(id, 'written down twice')
    expect(desk.queue.list()).toEqual([])
    expect(await rowOf(desk, id)).toMatchObject({ closed: { reason: 'written down twice' } })

    desk.answer = noAnswer
    const unsure = await desk.queue.add(consume('A'))
    await expect.poll(() => states(desk)).toEqual(['unsure'])
    await expect(desk.queue.drop(unsure.id, 'x')).rejects.toMatchObject({ code: 'WRITE_UNSETTLED' })
    await expect(desk.queue.retry(unsure.id)).rejects.toMatchObject({ code: 'WRITE_NOT_REFUSED' })
    desk.isOnline = false
    const queued = await desk.queue.add(consume('B'))
    await desk.queue.drop(queued.id, 'changed my mind')
    expect(states(desk)).toEqual(['unsure'])
  })

  it('waits instead, under its key, where the role was lost after an answer was', async () => {
    using desk = await setupDesk()
    desk.answer = noAnswer
    const { id } = await desk.queue.add(consume('A'))
    await expect.poll(() => states(desk)).toEqual(['unsure'])
    desk.answer = () => problem(403, 'AUTH_FORBIDDEN')
    desk.queue.wake()
    await expect.poll(() => states(desk)).toEqual(['waiting'])
    expect(desk.queue.list()[0]?.refusal).toMatchObject({ status: 403 })
    desk.answer = booked
    await desk.queue.retry(id)
    await expect.poll(() => desk.queue.list()).toEqual([])
    expect(new Set(keys(desk))).toEqual(new Set([id]))
  })
})

describe('what is pending', () => {
  it('shows its effect until the stock view has what was booked', async () => {
    using desk = await setupDesk()
    desk.setItem(itemWith('A', 6, [['L1', 120]]))
    desk.isOnline = false
    await desk.queue.add(consume('A', 8))
    expect(desk.queue.effectOn('A')).toEqual({ delta: -8, pending: 1 })
    desk.isOnline = true
    desk.queue.wake()
    await expect.poll(() => states(desk)).toEqual(['accepted'])
    expect(desk.queue.effectOn('A')).toEqual({ delta: -8, pending: 1 })
    const list = desk.queue.list()
    desk.setItem(itemWith('B', 1, []))
    expect(desk.queue.list()).toBe(list)
    desk.setItem(itemWith('A', 7, [['L1', 112]]))
    expect(desk.queue.effectOn('A')).toEqual({ delta: 0, pending: 0 })
    expect(desk.queue.list()).toEqual([])
  })

  it('is over with the log in which it was booked: a restored backup counts versions anew', async () => {
    using desk = await setupDesk()
    desk.setItem(itemWith('A', 6, [['L1', 120]]))
    await desk.queue.add(consume('A', 8))
    await expect.poll(() => states(desk)).toEqual(['accepted'])
    desk.setItem(itemWith('A', 3, [['L1', 120]]), OTHER_EPOCH)
    expect(desk.queue.list()).toEqual([])
  })

  it('goes by what can be used, the earliest expiry first, and below nothing where it takes too much', async () => {
    using desk = await setupDesk()
    desk.isOnline = false
    desk.setItem(
      itemWith('A', 1, [
        ['OLD', 50, true],
        ['L1', 10],
        ['L2', 5],
      ]),
    )
    const effects: number[] = []
    for (const movement of [
      consume('A', 12),
      { kind: 'count', sku: 'A', lotNumber: 'L2', quantity: 4, reason: 'count' },
      { kind: 'dispose', sku: 'A', lotNumber: 'OLD', quantity: 50, reason: 'expired' },
      { kind: 'receive', sku: 'A', lotNumber: 'L3', quantity: 2, expiryDate: '2050-01-01' },
      consume('A', 20),
    ] satisfies Movement[]) {
      await desk.queue.add(movement)
      effects.push(desk.queue.effectOn('A').delta)
    }
    // 15 usable: 3 are left; 4 are counted; an expired lot counts for nothing; 6; short by 14.
    expect(effects).toEqual([-12, -11, -11, -9, -29])
  })

  it('is told to listeners once for a burst', async () => {
    using desk = await setupDesk()
    desk.isOnline = false
    let calls = 0
    const told: (() => void)[] = []
    using other = await setupDesk(desk.store, { schedule: (notify) => told.push(notify) })
    other.isOnline = false
    other.queue.subscribe(() => {
      calls += 1
    })
    for (const sku of ['A', 'B', 'C']) await desk.queue.add(consume(sku))
    await expect.poll(() => other.queue.list().length).toBe(3)
    expect(told).toHaveLength(1)
    told[0]?.()
    expect(calls).toBe(1)
  })
})
