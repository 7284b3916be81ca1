import { createRestClient } from '@uzima/client'
import { expect, it } from 'vitest'
import { setClock } from '../inventory/test-clock.js'
import { setupApp } from '../support/app.js'
import { setupCluster } from '../support/cluster.js'
import { createTestDatabase } from '../support/world.js'

const at = (time: string): string => `2027-05-01T${time}:00.000Z`

const SHELF = `insert into inventory_items (sku, name) values ('A', 'Amoxicillin');
  insert into inventory_lots values ('A', 'L', 100, '2040-01-01')`

const grantSql = `insert into role_grants (user_id, role, valid_from, valid_until, reason)
  values ($1, 'pharmacist', $2, $3, 'night shift')`

it('a granted role moves the sockets of two nodes when it begins and when it ends, without Redis', async () => {
  await using cluster = await setupCluster({ INVENTORY_UPDATE_ROLES: 'pharmacist' })
  const { one, two } = cluster
  await setClock(one.database, at('12:00'))
  await one.database.script(SHELF)
  const [locum, keeper, admin] = [
    await one.addUser('doctor'),
    await one.addUser('pharmacist'),
    await one.addUser('admin'),
  ]
  const clients = [await one.connect(locum), await two.connect(locum)]
  const witness = await two.connect(keeper)
  expect(clients[0]?.of('connected')).toMatchObject([{ role: 'doctor', roles: ['doctor'] }])
  await cluster.redis.kill9()
  const consume = async (node: typeof one): Promise<number> =>
    (await node.api(locum.token, 'POST', '/api/inventory/A/consume', { quantity: 1 })).status
  const rename = (name: string): Promise<unknown> =>
    one.database.query(`update inventory_items set name = $1`, [name])
  const namesAt = ({ of }: (typeof clients)[number]): unknown[] =>
    of('inventory:update').map(({ item }) => (item as { name: string }).name)

  await one.database.query(grantSql, [locum.id, at('13:00'), at('14:00')])
  await rename('before')
  expect(await consume(one)).toBe(403)

  // Nobody calls anything: the nodes see it when they next look at the log.
  await setClock(one.database, at('13:00'))
  for (const client of clients) {
    await expect
      .poll(() => client.of('session:role'))
      .toMatchObject([{ role: 'doctor', roles: ['doctor', 'pharmacist'] }])
  }
  await rename('meanwhile')
  for (const client of clients) await expect.poll(() => namesAt(client)).toEqual(['meanwhile'])
  for (const node of [one, two]) expect(await consume(node)).toBe(200)
  const page = await one.api(admin.token, 'GET', '/api/connections')
  expect(page.body['connections']).toContainEqual(
    expect.objectContaining({ userId: locum.id, role: 'doctor', roles: ['doctor', 'pharmacist'] }),
  )

  await setClock(one.database, at('14:00'))
  // This commit, or a node before it, numbers the end.
  await rename('after')
  for (const client of clients) {
    await expect.poll(() => client.of('session:role').at(-1)).toMatchObject({ roles: ['doctor'] })
  }
  await expect.poll(() => namesAt(witness).at(-1)).toBe('after')
  for (const client of clients) {
    expect(namesAt(client)).not.toContain('after')
    expect(client.of('session:role')).toHaveLength(2)
    expect(client.socket.connected).toBe(true)
  }
  for (const node of [one, two]) expect(await consume(node)).toBe(403)

  const { revocations } = createRestClient({ baseUrl: one.url, getToken: () => admin.token })
  await expect
    .poll(async () => (await revocations({ userId: locum.id })).revocations)
    .toMatchObject([
      {
        ended: 'grant',
        nodes: [
          { node: 'one', state: 'acknowledged', socketsClosed: 0, socketsMoved: 1 },
          { node: 'two', state: 'acknowledged', socketsClosed: 0, socketsMoved: 1 },
        ],
      },
    ])
})

it('what began and ended while nothing ran is in the log before anybody is admitted', async () => {
  await using database = await createTestDatabase()
  await setClock(database, at('12:00'))
  const [user] = await database.query<{ id: string }>(
    `insert into users (username, email, role) values ('ana', 'ana@x.org', 'doctor') returning id`,
  )
  const id = user?.id ?? ''
  await database.query(grantSql, [id, at('13:00'), at('14:00')])
  await database.query(grantSql, [id, at('15:00'), at('20:00')])
  await setClock(database, at('18:00'))
  const shared = { ...database, close: () => Promise.resolve() }
  await using app = await setupApp({ database: shared })
  const ana = { id, username: 'ana', role: 'doctor', token: app.tokenFor(id) } as const
  const client = await app.connect(ana)
  expect(client.of('connected')).toMatchObject([{ roles: ['doctor', 'pharmacist'] }])
  expect(
    await database.query(
      `select payload -> 'roles' as roles, payload ->> 'dueAt' as due from event_log
       where payload ? 'dueAt' and audience = 'user:' || $1 order by seq`,
      [id],
    ),
  ).toEqual([
    { roles: ['doctor', 'pharmacist'], due: at('13:00') },
    { roles: ['doctor'], due: at('14:00') },
    { roles: ['doctor', 'pharmacist'], due: at('15:00') },
  ])
})
