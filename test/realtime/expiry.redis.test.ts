import { expect, it } from 'vitest'
import { setClock } from '../inventory/test-clock.js'
import { setupCluster } from '../support/cluster.js'

it('tells the sockets of two nodes once that a lot has expired, with the alert, and gives nothing out of it', async () => {
  await using cluster = await setupCluster()
  const { one, two } = cluster
  await one.database.query(
    `insert into settings values ('time_zone', 'Africa/Nairobi')
       on conflict (name) do update set value = excluded.value`,
  )
  // 23:30 in Nairobi; in Greenwich the day has three and a half hours to go.
  await setClock(one.database, '2040-01-01 20:30Z')
  const user = await one.addUser('pharmacist')
  const clients = [await one.connect(user), await two.connect(user)]
  await one.database.query(
    `insert into inventory_items (sku, name, threshold) values ('A', 'Amoxicillin', 10)`,
  )
  await one.database.query(
    `insert into inventory_lots values ('A', 'old', 100, '2040-01-01'), ('A', 'new', 5, '2041-01-01')`,
  )
  const consume = (quantity: number) =>
    two.api(user.token, 'POST', '/api/inventory/A/consume', { quantity })
  expect((await consume(1)).body).toMatchObject({ item: { usableQuantity: 104, lowStock: false } })

  // 00:31: nobody calls anything; the nodes see it when they next look at the log.
  await setClock(one.database, '2040-01-01 21:31Z')
  for (const client of clients) {
    await expect
      .poll(() => client.of('inventory:update').filter(({ type }) => type === 'expired'))
      .toMatchObject([
        {
          item: {
            totalQuantity: 104,
            usableQuantity: 5,
            expiredQuantity: 99,
            lowStock: true,
            lots: [
              { lotNumber: 'old', expired: true },
              { lotNumber: 'new', expired: false },
            ],
          },
          dueAt: '2040-01-01T21:00:00.000Z',
        },
      ])
    await expect
      .poll(() => client.of('inventory:lowStock'))
      .toMatchObject([{ sku: 'A', totalQuantity: 104, usableQuantity: 5, threshold: 10 }])
  }
  expect(await consume(6)).toMatchObject({
    status: 409,
    body: { code: 'INVENTORY_INSUFFICIENT_STOCK', requested: 6, available: 5 },
  })
  expect((await consume(5)).body).toMatchObject({
    lotsConsumed: [{ lotNumber: 'new', quantity: 5 }],
  })
  const low = await two.api(user.token, 'GET', '/api/inventory?lowStock=true')
  expect(low.body['items']).toMatchObject([{ sku: 'A', usableQuantity: 0, expiredQuantity: 99 }])
  const written = { lotNumber: 'old', quantity: 99, reason: 'expired' }
  const disposed = await one.api(user.token, 'POST', '/api/inventory/A/dispose', written)
  expect(disposed).toMatchObject({ status: 200, body: { totalQuantity: 0, expiredQuantity: 0 } })
  for (const client of clients) {
    await expect
      .poll(() => client.of('inventory:update').at(-1))
      .toMatchObject({ type: 'disposed' })
    expect(client.of('inventory:lowStock')).toHaveLength(1)
  }
})
