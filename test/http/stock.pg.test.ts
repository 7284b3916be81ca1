import { randomUUID } from 'node:crypto'
import {
  consumeResultSchema,
  eventsPageSchema,
  inventoryPageSchema,
  itemSchema,
  movementPageSchema,
} from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'

const stockUp = async (app: TestApp, token: string, sku = 'AMOX-500') => {
  await app.api(token, 'POST', '/api/inventory', { sku, name: 'Amoxicillin 500 mg', threshold: 5 })
  for (const [lotNumber, quantity, expiryDate] of [
    ['late', 10, '2099-12-31'],
    ['early', 4, '2099-01-31'],
  ] as const) {
    const lot = { lotNumber, quantity, expiryDate }
    const { status } = await app.api(token, 'POST', `/api/inventory/${sku}/lots`, lot)
    expect(status).toBe(201)
  }
}

describe('stock over REST', () => {
  it('is received, given out by expiry, counted, and told in full', async () => {
    await using app = await setupApp()
    const { token, username } = await app.addUser('inventory_manager')
    await stockUp(app, token)
    const path = '/api/inventory/AMOX-500'

    const consumed = await app.api(token, 'POST', `${path}/consume`, {
      quantity: 6,
      reason: 'ward 3',
    })
    expect(consumed.status).toBe(200)
    expect(consumeResultSchema.parse(consumed.body).lotsConsumed).toEqual([
      { lotNumber: 'early', expiryDate: '2099-01-31', quantity: 4 },
      { lotNumber: 'late', expiryDate: '2099-12-31', quantity: 2 },
    ])
    const refused = await app.api(token, 'POST', `${path}/consume`, { quantity: 9 })
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'INVENTORY_INSUFFICIENT_STOCK', requested: 9, available: 8 },
    })
    const counted = await app.api(token, 'POST', `${path}/adjust`, {
      lotNumber: 'late',
      quantity: 7,
      reason: 'one broken',
    })
    expect(itemSchema.parse(counted.body).totalQuantity).toBe(7)
    const disposed = await app.api(token, 'POST', `${path}/dispose`, {
      lotNumber: 'late',
      quantity: 2,
      reason: 'spilt',
    })
    expect(disposed.status).toBe(200)
    expect(itemSchema.parse(disposed.body)).toMatchObject({ totalQuantity: 5, usableQuantity: 5 })
    expect(
      await app.api(token, 'POST', `${path}/dispose`, {
        lotNumber: 'late',
        quantity: 9,
        reason: 'spilt',
      }),
    ).toMatchObject({
      status: 409,
      body: { code: 'INVENTORY_INSUFFICIENT_STOCK', requested: 9, available: 5 },
    })

    const { movements } = movementPageSchema.parse(
      (await app.api(token, 'GET', `${path}/movements`)).body,
    )
    expect(
      movements.map(({ type, delta, actor, reason }) => ({ type, delta, actor, reason })),
    ).toEqual([
      { type: 'disposed', delta: -2, actor: username, reason: 'spilt' },
      { type: 'adjusted', delta: -1, actor: username, reason: 'one broken' },
      { type: 'consumed', delta: -6, actor: username, reason: 'ward 3' },
      { type: 'lot_added', delta: 4, actor: username, reason: null },
      { type: 'lot_added', delta: 10, actor: username, reason: null },
    ])

    const page = inventoryPageSchema.parse(
      (await app.api(token, 'GET', '/api/inventory?search=amox')).body,
    )
    expect(page.items.map(({ sku }) => sku)).toEqual(['AMOX-500'])
    const log = eventsPageSchema.parse((await app.api(token, 'GET', '/api/events?since=0')).body)
    expect(log.position).toEqual(page.position)
    expect(
      log.events
        .filter(({ name }) => name === 'inventory:update')
        .map(({ payload }) => payload['type']),
    ).toEqual(['created', 'lot_added', 'lot_added', 'consumed', 'adjusted', 'disposed'])

    expect((await app.api(token, 'DELETE', path)).status).toBe(204)
    expect(
      (await app.api(token, 'POST', `${path}/consume`, { quantity: 1 })).status,
    ).toBeGreaterThanOrEqual(404)
  })

  it('is changed once for one Idempotency-Key', async () => {
    await using app = await setupApp()
    const { token } = await app.addUser('pharmacist')
    const { token: manager } = await app.addUser('inventory_manager')
    await stockUp(app, manager)
    const key = { 'idempotency-key': randomUUID() }
    const consume = async (quantity: number) =>
      app.api(token, 'POST', '/api/inventory/AMOX-500/consume', { quantity }, key)
    const answers = await Promise.all([consume(3), consume(3), consume(3)])
    const done = answers.filter(({ status }) => status === 200)
    expect(done.length).toBeGreaterThan(0)
    for (const { status, body } of answers) {
      if (status !== 200) expect(body['code']).toBe('IDEMPOTENCY_IN_PROGRESS')
    }
    expect(await consume(3)).toEqual(done[0])
    expect(await consume(4)).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    const item = await app.api(token, 'GET', '/api/inventory/AMOX-500')
    expect(item.body['totalQuantity']).toBe(11)
  })

  it('is changed at the version that If-Match names, or not at all', async () => {
    await using app = await setupApp()
    const { token } = await app.addUser('inventory_manager')
    await stockUp(app, token)
    const path = '/api/inventory/AMOX-500'
    const { version } = itemSchema.parse((await app.api(token, 'GET', path)).body)
    const patch = async (ifMatch: string, threshold: number) =>
      app.api(token, 'PATCH', path, { threshold }, { 'if-match': ifMatch })
    const tag = `"${version.toString()}"`
    expect((await patch(tag, 7)).status).toBe(200)
    for (const stale of [tag, 'W/"1"', '"0"', '"x"']) {
      expect(await patch(stale, 8), stale).toMatchObject({
        status: 412,
        body: { code: 'INVENTORY_VERSION_CONFLICT' },
      })
    }
    expect(await patch('*', 9)).toMatchObject({ status: 200, body: { threshold: 9 } })
  })

  it('meets no text that makes it fail', async () => {
    await using app = await setupApp()
    const { token } = await app.addUser('admin')
    const hostile = [
      "'; drop table users; --",
      '\u0000',
      '\ud800',
      '𝕏💊\u202e',
      '%',
      '\\',
      '{"$ne":1}',
      '<script>',
      '__proto__',
      'a'.repeat(5_000),
      '',
      ' ',
    ]
    const seen = new Set<number>()
    for (const text of hostile) {
      const calls = [
        ['POST', '/api/inventory', { sku: text, name: text }],
        ['POST', '/api/inventory', { sku: randomUUID(), name: text, metadata: { [text]: text } }],
        ['POST', '/api/users', { username: text, email: text, role: text }],
        ['POST', '/api/auth/login', { username: text, password: text }],
        ['POST', '/api/auth/refresh', { refreshToken: text }],
        ['POST', '/api/messages', { to: { room: text }, event: text, data: { text } }],
        ['GET', `/api/inventory?search=${encode(text)}`],
        ['GET', `/api/inventory?category=${encode(text)}&cursor=${encode(text)}`],
        ['GET', `/api/inventory/${encode(text)}/movements`],
        ['GET', `/api/users?cursor=${encode(text)}`],
        ['GET', `/api/connection-attempts?userId=${encode(text)}&cursor=${encode(text)}`],
        ['DELETE', `/api/connections/${encode(text)}`],
        ['DELETE', `/api/users/${encode(text)}`],
      ] as const
      for (const [method, path, body] of calls) {
        const { status, body: answer } = await app.api(token, method, path, body)
        expect(status, `${method} ${path} ${JSON.stringify(answer)}`).toBeLessThan(500)
        seen.add(status)
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining([200, 201, 202, 400, 401, 404]))
    expect((await app.api(token, 'GET', '/health/ready')).status).toBe(200)
  })

  it('is not moved by what is no quantity', async () => {
    await using app = await setupApp()
    const { token } = await app.addUser('inventory_manager')
    await stockUp(app, token)
    for (const quantity of [-1, 0, 1.5, 2 ** 31, 2 ** 53, 1e308, '5', null, true, [5], {}]) {
      const answer = await app.api(token, 'POST', '/api/inventory/AMOX-500/consume', { quantity })
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    }
    const { body } = await app.api(token, 'GET', '/api/inventory/AMOX-500')
    expect(body['totalQuantity']).toBe(14)
  })

  it('refuses a count whose base has changed, in words and numbers', async () => {
    await using app = await setupApp()
    const { token } = await app.addUser('pharmacist')
    await stockUp(app, (await app.addUser('admin')).token)
    const count = { lotNumber: 'late', quantity: 8, reason: 'count', expected: 12 }
    expect(await app.api(token, 'POST', '/api/inventory/AMOX-500/adjust', count)).toMatchObject({
      status: 409,
      body: {
        code: 'INVENTORY_COUNT_CONFLICT',
        title: 'The lot does not hold what was expected',
        retryable: false,
        expected: 12,
        actual: 10,
      },
    })
  })

  it('answers a repetition after the answers were forgotten with the same status and shape', async () => {
    await using app = await setupApp()
    const { token } = await app.addUser('admin')
    await stockUp(app, token)
    const requests = {
      lots: { lotNumber: 'new', quantity: 3, expiryDate: '2099-06-30', reason: 'donation' },
      consume: { quantity: 5 },
      adjust: { lotNumber: 'late', quantity: 7, reason: 'count' },
      dispose: { lotNumber: 'late', quantity: 1, reason: 'broken' },
    }
    const send = (path: string, body: unknown) =>
      app.api(token, 'POST', `/api/inventory/AMOX-500/${path}`, body, { 'idempotency-key': path })
    const first = new Map<string, Awaited<ReturnType<typeof send>>>()
    for (const [path, body] of Object.entries(requests)) first.set(path, await send(path, body))
    await app.database.query('delete from idempotency_keys')
    const { body: item } = await app.api(token, 'GET', '/api/inventory/AMOX-500')
    for (const [path, body] of Object.entries(requests)) {
      const before = first.get(path)
      const asNow = path === 'consume' ? { ...before?.body, item } : item
      expect(await send(path, body), path).toEqual({ status: before?.status, body: asNow })
    }
    const { body: history } = await app.api(token, 'GET', '/api/inventory/AMOX-500/movements')
    const { movements } = movementPageSchema.parse(history)
    expect(movements.map(({ reason }) => reason)).toEqual([
      'broken',
      'count',
      null,
      'donation',
      null,
      null,
    ])
  })
})

/** Percent-encodes any text; half a character, which has no UTF-8, as the bytes that stand for it in WTF-8. */
const encode = (text: string): string =>
  /\p{Surrogate}/u.test(text) ? '%ED%A0%80' : encodeURIComponent(text)
