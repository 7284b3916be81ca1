import { alertEventSchema, alertsPageSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp, type TestClient } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'

/** Brings an item to 4 of a threshold of 5 by plain SQL. */
const runLow = async (app: TestApp, sku: string): Promise<void> => {
  await app.database.query(
    'insert into inventory_items (sku, name, threshold) values ($1, $1, 5)',
    [sku],
  )
  await app.database.query(`insert into inventory_lots values ($1, 'L', 4, current_date + 1000)`, [
    sku,
  ])
}

const skusOf = (client: TestClient, event: string): unknown[] =>
  client.of(event).map((payload) => alertEventSchema.parse(payload).alert.sku)

const see = (client: TestClient, id: unknown): Promise<Record<string, unknown>> =>
  client.socket.timeout(30_000).emitWithAck('alert:seen', { id }) as Promise<
    Record<string, unknown>
  >

describe('alerts', () => {
  it('reach who works with stock and no patient, live, by REST and on coming back', async () => {
    await using app = await setupApp()
    const [pharmacist, patient] = [await app.addUser('pharmacist'), await app.addUser('patient')]
    const [hears, hearsNot] = [await app.connect(pharmacist), await app.connect(patient)]
    const [connected] = hears.of('connected')
    await runLow(app, 'A')
    await expect.poll(() => skusOf(hears, 'alert:raised')).toEqual(['A'])

    const listed = await app.api(pharmacist.token, 'GET', '/api/alerts?state=unresolved')
    const { alerts, position } = alertsPageSchema.parse(listed.body)
    const [raised] = hears.of('alert:raised')
    expect(alerts).toEqual([raised?.['alert']])
    expect(position.seq).toBe(raised?.['seq'])
    expect((await app.api(patient.token, 'GET', '/api/alerts')).status).toBe(403)

    const back = app.client(pharmacist.token, {
      auth: { token: pharmacist.token, position: connected?.['position'] },
    })
    await expect.poll(() => back.of('alert:raised')).toEqual([raised])
    // Both hear the end of this; the patient has heard nothing before it.
    await app.database.query(`update users set username = 'renamed' where id = $1`, [patient.id])
    await app.database.query(`update users set role = 'doctor' where id = $1`, [patient.id])
    await expect.poll(() => hearsNot.of('session:role')).toHaveLength(1)
    expect(hearsNot.events.filter(({ event }) => event.startsWith('alert:'))).toEqual([])
  })

  it('are acknowledged by the first who moves stock, once, and everybody hears who and when', async () => {
    await using app = await setupApp()
    const amina = await app.addUser('pharmacist', { username: 'amina' })
    const baraka = await app.addUser('inventory_manager', { username: 'baraka' })
    const doctor = await app.addUser('doctor')
    const client = await app.connect(doctor)
    await runLow(app, 'A')
    await expect.poll(() => client.of('alert:raised')).toHaveLength(1)
    const path = '/api/alerts/1/acknowledge'

    expect((await app.api(doctor.token, 'POST', path)).status).toBe(403)
    const first = await app.api(amina.token, 'POST', path, { note: ' ordered from the depot ' })
    expect(first).toMatchObject({
      status: 200,
      body: {
        state: 'acknowledged',
        acknowledgedBy: amina.id,
        acknowledgedByUsername: 'amina',
        note: 'ordered from the depot',
      },
    })
    expect(await app.api(baraka.token, 'POST', path)).toEqual(first)
    expect(await app.api(baraka.token, 'POST', path, { note: 'mine' })).toEqual(first)
    await expect
      .poll(() => client.of('alert:changed').map(({ alert }) => alert))
      .toEqual([first.body])
    expect(await app.api(amina.token, 'POST', '/api/alerts/99/acknowledge')).toMatchObject({
      status: 404,
      body: { code: 'ALERT_NOT_FOUND' },
    })
  })

  it('tell who has seen them, once for each user, by an event with an answer', async () => {
    await using app = await setupApp()
    const amina = await app.addUser('pharmacist', { username: 'amina' })
    const client = await app.connect(amina)
    const patient = await app.connect(await app.addUser('patient'))
    await runLow(app, 'A')
    await expect.poll(() => client.of('alert:raised')).toHaveLength(1)

    expect([await see(client, '1'), await see(client, '1')]).toEqual([{ ok: true }, { ok: true }])
    const error = { ok: false, error: { code: 'ALERT_NOT_FOUND' } }
    expect(await see(client, '2')).toMatchObject(error)
    expect(await see(patient, '1')).toMatchObject(error)
    expect(await see(client, 'x')).toMatchObject({ ok: false, error: { code: 'EVENT_INVALID' } })
    await app.api(amina.token, 'POST', '/api/alerts/1/acknowledge')
    await expect.poll(() => client.of('alert:changed')).toHaveLength(2)
    expect(client.of('alert:changed')[0]).toMatchObject({
      alert: { state: 'open', seenBy: [{ userId: amina.id, username: 'amina' }] },
    })
  })

  it('are found by state, kind and sku, page by page', async () => {
    await using app = await setupApp()
    const admin = await app.addUser('admin')
    for (const sku of ['A', 'B', 'C']) await runLow(app, sku)
    await app.database.query(`update inventory_lots set quantity = 0 where sku = 'B'`)
    await app.api(admin.token, 'POST', '/api/alerts/1/acknowledge')
    const list = async (query: string): Promise<string[]> => {
      const { body } = await app.api(admin.token, 'GET', `/api/alerts?${query}`)
      return alertsPageSchema
        .parse(body)
        .alerts.map(({ sku, kind, state }) => `${sku} ${kind} ${state}`)
    }
    const all = [
      'B out_of_stock open',
      'C low_stock open',
      'B low_stock resolved',
      'A low_stock acknowledged',
    ]
    expect(await list('')).toEqual(all)
    expect(await list('state=unresolved')).toEqual([all[0], all[1], all[3]])
    expect(await list('state=open&kind=low_stock')).toEqual([all[1]])
    expect(await list('state=resolved')).toEqual([all[2]])
    expect(await list('state=acknowledged')).toEqual([all[3]])
    expect(await list('sku=B')).toEqual([all[0], all[2]])

    const first = await app.api(admin.token, 'GET', '/api/alerts?limit=3')
    const cursor = String(first.body['nextCursor'])
    expect(await list(`limit=3&cursor=${cursor}`)).toEqual([all[3]])
    expect((await app.api(admin.token, 'GET', '/api/alerts?state=shut')).status).toBe(400)
  })
})

describe('an alert that is escalated', () => {
  const env = {
    LOW_STOCK_ROLES: 'pharmacist',
    ALERT_ESCALATE_TO: 'admin',
    ALERT_ESCALATE_AFTER: '1s',
  }

  it('reaches the next role from then on, over a restart, and no other role', async () => {
    const database = await createTestDatabase()
    const quiet = await setupApp({
      database: { ...database, close: () => Promise.resolve() },
      env: { ...env, ALERT_ESCALATE_AFTER: '1h' },
    })
    const amina = await quiet.addUser('pharmacist')
    const admin = await quiet.addUser('admin')
    const early = await quiet.connect(admin)
    await runLow(quiet, 'A')
    await expect
      .poll(async () => (await quiet.api(amina.token, 'GET', '/api/alerts')).body['alerts'])
      .toMatchObject([{ state: 'open' }])
    expect((await quiet.api(admin.token, 'GET', '/api/alerts')).body['alerts']).toEqual([])
    expect(await quiet.api(admin.token, 'POST', '/api/alerts/1/acknowledge')).toMatchObject({
      status: 404,
    })
    await quiet.stop()
    expect(early.of('alert:raised')).toEqual([])

    await using app = await setupApp({ database, env })
    const manager = await app.addUser('inventory_manager')
    const bystander = await app.connect(manager)
    const token = app.tokenFor(admin.id)
    const list = async (): Promise<unknown> =>
      (await app.api(token, 'GET', '/api/alerts')).body['alerts']
    await expect.poll(list).toMatchObject([{ escalatedAt: expect.any(String) as string }])
    const client = await app.connect({ ...admin, token })
    expect(await app.api(token, 'POST', '/api/alerts/1/acknowledge')).toMatchObject({ status: 200 })
    await expect.poll(() => skusOf(client, 'alert:changed')).toEqual(['A'])
    const escalations = await database.query(
      `select audience from event_log where name = 'alert:changed' order by seq`,
    )
    expect(escalations).toEqual([{ audience: 'alert_escalated' }, { audience: 'alert_escalated' }])
    expect(bystander.events.filter(({ event }) => event.startsWith('alert:'))).toEqual([])
  })
})
