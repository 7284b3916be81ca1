import { randomBytes } from 'node:crypto'
import type { Position } from '@uzima/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setupApp, type TestApp, type TestClient, type TestUser } from '../support/app.js'
import { recordSpans, type SpanRecorder } from './tracing-world.js'

let spans: SpanRecorder
let app: TestApp
let pharmacist: TestUser
let admin: TestUser
let client: TestClient
const lines: Record<string, unknown>[] = []

beforeAll(async () => {
  spans = recordSpans()
  app = await setupApp({
    env: { LOG_LEVEL: 'info' },
    onLine: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  })
  pharmacist = await app.addUser('pharmacist')
  admin = await app.addUser('admin')
  for (let i = 0; i < 20; i += 1) {
    const sku = `S${i.toString()}`
    await app.database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
    await app.database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ($1, '1', 100, '2099-01-01')`,
      [sku],
    )
  }
  client = await app.connect(pharmacist)
})
afterAll(async () => {
  await app.close()
  await spans[Symbol.asyncDispose]()
})

const newTrace = () => {
  const traceId = randomBytes(16).toString('hex')
  const parentId = randomBytes(8).toString('hex')
  return { traceId, parentId, traceparent: `00-${traceId}-${parentId}-01` }
}

const consume = (sku: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${app.url}/api/inventory/${sku}/consume`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${pharmacist.token}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify({ quantity: 1 }),
  })

/** Of the event that tells of the last movement of an item. */
const seqOf = async (sku: string): Promise<number> => {
  const [row] = await app.database.query<{ seq: number }>(
    'select max(seq) as seq from stock_movements where sku = $1',
    [sku],
  )
  await expect
    .poll(() => client.of('inventory:update').some(({ seq }) => seq === row?.seq))
    .toBe(true)
  return row?.seq ?? 0
}

describe('a trace', () => {
  it('goes from the caller through the request, its COMMIT and the log to the write on the sockets and the first client that applied it', async () => {
    const { traceId, parentId, traceparent } = newTrace()
    const response = await consume('S0', { traceparent })
    const seq = await seqOf('S0')
    await expect.poll(() => spans.spansOf(traceId).map(({ name }) => name)).toHaveLength(4)
    const { epoch } = client.of('connected')[0]?.['position'] as Position
    for (let n = 0; n < 2; n += 1) client.socket.emit('applied', { epoch, seq })
    await expect.poll(() => spans.spansOf(traceId).map(({ name }) => name)).toHaveLength(5)
    const byName = new Map(spans.spansOf(traceId).map((span) => [span.name, span]))
    const parentOf = (name: string) => byName.get(name)?.parentSpanContext?.spanId
    const idOf = (name: string) => byName.get(name)?.spanContext().spanId

    expect(parentOf('POST /api/inventory/:sku/consume')).toBe(parentId)
    expect(parentOf('commit')).toBe(idOf('POST /api/inventory/:sku/consume'))
    expect(parentOf('log')).toBe(idOf('commit'))
    expect(parentOf('write')).toBe(idOf('log'))
    expect(parentOf('applied')).toBe(idOf('log'))
    expect(byName.get('write')?.attributes).toMatchObject({
      'uzima.log.seq': seq,
      'uzima.event': 'inventory:update',
      'uzima.sockets': 1,
    })
    expect(byName.get('POST /api/inventory/:sku/consume')?.attributes).toMatchObject({
      'http.response.status_code': 200,
    })
    // A browser that traces links to it.
    expect(response.headers.get('server-timing')).toBe(
      `traceparent;desc="00-${traceId}-${idOf('POST /api/inventory/:sku/consume') ?? ''}-01"`,
    )
  })

  it('is each its own where movements share a COMMIT', async () => {
    const asked = Array.from({ length: 20 }, (_, i) => ({ ...newTrace(), sku: `S${i.toString()}` }))
    await Promise.all(asked.map(({ sku, traceparent }) => consume(sku, { traceparent })))
    for (const { sku, traceId } of asked) {
      const seq = await seqOf(sku)
      await expect
        .poll(() =>
          spans
            .spansOf(traceId)
            .filter(({ name }) => name === 'write')
            .map(({ attributes }) => attributes['uzima.log.seq']),
        )
        .toEqual([seq])
    }
  })

  it('ends with a refusal, and nothing of it is written', async () => {
    const { traceId, traceparent } = newTrace()
    expect((await consume('none', { traceparent })).status).toBe(404)
    await expect
      .poll(() =>
        spans
          .spansOf(traceId)
          .map(({ name }) => name)
          .sort(),
      )
      .toEqual(['POST /api/inventory/:sku/consume', 'commit'])
  })

  it('begins at the log for what other programs write, found by its number', async () => {
    await app.database.query(`update inventory_lots set quantity = 50 where sku = 'S3'`)
    const seq = await seqOf('S3')
    await expect
      .poll(() =>
        spans
          .spansAt(seq)
          .map(({ name }) => name)
          .sort(),
      )
      .toEqual(['log', 'write'])
    expect(spans.spansAt(seq).find(({ name }) => name === 'log')?.parentSpanContext).toBeUndefined()
  })

  it('goes from the end of a right to the end of its sockets', async () => {
    const { traceId, traceparent } = newTrace()
    const leaver = await app.addUser('doctor')
    await app.connect(leaver)
    const { body } = await app.api(
      admin.token,
      'POST',
      `/api/users/${leaver.id}/revoke`,
      undefined,
      {
        traceparent,
      },
    )
    await expect
      .poll(() => spans.spansOf(traceId).find(({ name }) => name === 'write')?.attributes)
      .toMatchObject({ 'uzima.log.seq': body['seq'], 'uzima.event': 'user:changed' })
  })
})

describe('a request id', () => {
  const linesOf = (requestId: string | null) =>
    lines.filter((line) => line['requestId'] === requestId)

  it('is the same in the answer, the line of the request and the line of the delivery', async () => {
    const { traceId, traceparent } = newTrace()
    const response = await consume('S1', { 'x-request-id': 'ward-3_0001', traceparent })
    const seq = await seqOf('S1')
    expect(response.headers.get('x-request-id')).toBe('ward-3_0001')
    await expect.poll(() => linesOf('ward-3_0001')).toHaveLength(2)
    expect(linesOf('ward-3_0001')).toContainEqual(
      expect.objectContaining({ msg: 'request', traceId, status: 200 }),
    )
    expect(linesOf('ward-3_0001')).toContainEqual(
      expect.objectContaining({ msg: 'delivered', traceId, seq, event: 'inventory:update' }),
    )
  })

  it('is made where the caller sends none, or something that is none', async () => {
    const ids = await Promise.all(
      [{}, { 'x-request-id': pharmacist.token }, { 'x-request-id': 'two words' }].map(
        async (headers) => (await consume('S2', headers)).headers.get('x-request-id'),
      ),
    )
    for (const id of ids) {
      expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
      await expect.poll(() => linesOf(id)).toHaveLength(2)
    }
    expect(JSON.stringify(lines)).not.toContain(pharmacist.token)
  })
})
