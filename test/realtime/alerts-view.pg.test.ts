import type { Role } from '@uzima/contracts'
import { createUzimaClient, memoryStore, type AlertsView } from '@uzima/client'
import { expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'

interface Page extends AsyncDisposable {
  readonly view: AlertsView
  readonly lines: () => string[]
}

/** What a page of this user shows. */
const openPage = async (app: TestApp, token: string): Promise<Page> => {
  const client = createUzimaClient({ url: app.url, getToken: () => token })
  await client.start()
  return {
    view: client.alerts,
    lines: () => client.alerts.list().map(({ sku, kind, state }) => `${sku} ${kind} ${state}`),
    [Symbol.asyncDispose]: client.stop,
  }
}

const setQuantity = (app: TestApp, sku: string, quantity: number): Promise<unknown> =>
  app.database.query('update inventory_lots set quantity = $2 where sku = $1', [sku, quantity])

it('a page shows what was raised before and since, and what others do about it', async () => {
  await using app = await setupApp()
  const tokenOf = async (role: Role): Promise<string> => (await app.addUser(role)).token
  await app.database.script(`
    insert into inventory_items (sku, name, threshold) values ('A', 'A', 5), ('B', 'B', 5);
    insert into inventory_lots values ('A', 'L', 4, current_date + 1000), ('B', 'L', 50, current_date + 1000)`)
  await using one = await openPage(app, await tokenOf('pharmacist'))
  await using two = await openPage(app, await tokenOf('admin'))
  await using patient = await openPage(app, await tokenOf('patient'))
  const pages = [one, two]
  for (const page of pages) {
    await expect.poll(page.lines).toEqual(['A low_stock open'])
  }

  await setQuantity(app, 'B', 0)
  for (const page of pages) {
    await expect.poll(page.lines).toEqual(['B out_of_stock open', 'A low_stock open'])
  }
  const [alert] = one.view.list({ sku: 'A' })
  await one.view.seen(alert?.id ?? '')
  const acknowledged = await one.view.acknowledge(alert?.id ?? '', 'ordered')
  expect(acknowledged).toMatchObject({ note: 'ordered', seenBy: [{}] })
  await expect.poll(() => two.view.list({ sku: 'A' })).toEqual([acknowledged])
  expect(two.lines()).toEqual(['B out_of_stock open', 'A low_stock acknowledged'])
  await expect(two.view.seen('999')).rejects.toMatchObject({
    code: 'ALERT_NOT_FOUND',
    retryable: false,
  })

  await setQuantity(app, 'A', 50)
  for (const page of pages) await expect.poll(page.lines).toEqual(['B out_of_stock open'])
  expect(patient.lines()).toEqual([])
  await two[Symbol.asyncDispose]()
  await expect(two.view.seen('1')).rejects.toMatchObject({ retryable: true })
})

it('a page without a connection shows what its person saw last, and as of when, to nobody else', async () => {
  await using app = await setupApp()
  const [asha, badru] = [await app.addUser('pharmacist'), await app.addUser('pharmacist')]
  await app.database.script(`
    insert into inventory_items (sku, name, threshold) values ('A', 'A', 5);
    insert into inventory_lots values ('A', 'L', 4, current_date + 1000)`)
  const store = memoryStore()
  const open = async (url: string, { id, token }: typeof asha) => {
    const client = createUzimaClient({ url, getToken: () => token, userId: id, store })
    await client.start()
    return client
  }
  const online = await open(app.url, asha)
  await expect.poll(() => online.alerts.list()).toHaveLength(1)
  await expect.poll(() => online.alerts.asOf()).toBeGreaterThan(0)
  const seen = online.alerts.list()
  await online.stop()
  const asOf = online.alerts.asOf()

  // Nobody listens on the port of discard.
  const offline = await open('http://127.0.0.1:9', asha)
  expect(offline.alerts.list()).toEqual(seen)
  expect(offline.alerts.asOf()).toBe(asOf)
  await offline.stop()
  const other = await open('http://127.0.0.1:9', badru)
  expect(other.alerts.list()).toEqual([])
  expect(other.alerts.asOf()).toBeNull()
  await other.stop()

  await setQuantity(app, 'A', 0)
  const back = await open(app.url, asha)
  await expect.poll(() => back.alerts.list()).toMatchObject([{ kind: 'out_of_stock' }])
  await expect.poll(() => back.alerts.asOf()).toBeGreaterThan(asOf ?? Infinity)
  expect(back.alerts.asOf()).toBe(back.connection.get().asOf)

  // Under a role that may see none, there is nothing left of it either.
  await app.database.query(`update users set role = 'patient' where id = $1`, [asha.id])
  await expect.poll(() => back.alerts.list()).toEqual([])
  await expect.poll(() => store.stock.read(asha.id)).toBeNull()
  await back.stop()
})
