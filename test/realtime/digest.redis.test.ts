import { expect, it } from 'vitest'
import { setupCluster } from '../support/cluster.js'

it('each node tells its own sockets the digest that it has read, and no others', async () => {
  await using cluster = await setupCluster({ DIGEST_EVERY_MS: '3600000' })
  const { one, two } = cluster
  const user = await one.addUser('admin')
  const here = await one.connect(user)
  await expect.poll(() => here.of('inventory:digest')).toMatchObject([{ items: 0 }])

  await one.database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
  await expect
    .poll(() => two.api(user.token, 'GET', '/api/inventory/A'))
    .toMatchObject({
      status: 200,
    })
  // Its newest one is of the past, so it reads another one for whoever comes.
  const there = await two.connect(user)
  await expect.poll(() => there.of('inventory:digest')).toMatchObject([{ items: 1 }])

  const message = { to: { all: true }, event: 'later', data: {} }
  await two.api(user.token, 'POST', '/api/messages', message)
  await expect.poll(() => here.of('later')).toHaveLength(1)
  expect(here.of('inventory:digest')).toHaveLength(1)
})
