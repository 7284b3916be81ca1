import { expect, it } from 'vitest'
import { setupCluster } from '../support/cluster.js'

it('an alert is raised, escalated and acknowledged once, and the sockets of two nodes hear the same', async () => {
  await using cluster = await setupCluster({
    LOW_STOCK_ROLES: 'pharmacist',
    ALERT_ESCALATE_TO: 'admin',
    ALERT_ESCALATE_AFTER: '1h',
  })
  const { one, two } = cluster
  const [pharmacist, admin] = [await one.addUser('pharmacist'), await one.addUser('admin')]
  const pharmacists = [await one.connect(pharmacist), await two.connect(pharmacist)]
  const admins = [await one.connect(admin), await two.connect(admin)]
  await one.database.query(
    `insert into inventory_items (sku, name, threshold) values ('A', 'Amoxicillin', 10)`,
  )
  await one.database.query(`insert into inventory_lots values ('A', 'L', 50, current_date + 1000)`)
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? one : two).api(pharmacist.token, 'POST', '/api/inventory/A/consume', {
        quantity: 5,
      }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  const log = (): Promise<{ name: string; audience: string; payload: { seq: number } }[]> =>
    one.database.query(
      `select name, audience, payload from event_log where name like 'alert:%' order by seq`,
    )
  const names = async (): Promise<string[]> =>
    (await log()).map(({ name, audience }) => `${name} ${audience}`)
  // Low, then out instead of it.
  const raised = ['alert:raised alert', 'alert:changed alert', 'alert:raised alert']
  expect(await names()).toEqual(raised)
  await one.database.query(`update settings set value = '1' where name = 'alert_escalate_after_ms'`)
  await expect.poll(names).toEqual([...raised, 'alert:changed alert_escalated'])

  const [, , out] = await log()
  const path = `/api/alerts/${String((out?.payload as { alert?: { id?: string } }).alert?.id)}/acknowledge`
  const [first, second] = await Promise.all([
    one.api(admin.token, 'POST', path, { note: 'one' }),
    two.api(pharmacist.token, 'POST', path, { note: 'two' }),
  ])
  expect(first.status).toBe(200)
  expect(second).toEqual(first)
  const entries = await log()
  expect(entries).toHaveLength(5)
  const heard = (client: (typeof admins)[number]): unknown[] =>
    client.events.filter(({ event }) => event.startsWith('alert:')).map(({ data }) => data)
  for (const client of pharmacists) {
    await expect.poll(() => heard(client)).toEqual(entries.map(({ payload }) => payload))
  }
  for (const client of admins) {
    await expect.poll(() => heard(client)).toEqual(entries.slice(3).map(({ payload }) => payload))
  }
})
