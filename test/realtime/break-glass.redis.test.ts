import { expect, it } from 'vitest'
import { setClock } from '../inventory/test-clock.js'
import { setupCluster } from '../support/cluster.js'

const at = (time: string): string => `2027-05-01T${time}.000Z`

it('a role taken in an emergency is told to administrators on both nodes, marked, ends, and stays open until somebody else has reviewed it', async () => {
  await using cluster = await setupCluster({
    INVENTORY_UPDATE_ROLES: 'pharmacist',
    BREAK_GLASS_ROLES: 'doctor',
  })
  const { one, two } = cluster
  const { database } = one
  await setClock(database, at('12:00:00'))
  await database.script(`insert into inventory_items (sku, name) values ('A', 'Amoxicillin');
    insert into inventory_lots values ('A', 'L', 100, '2040-01-01')`)
  const [ana, keeper, admin] = [
    await one.addUser('doctor'),
    await one.addUser('pharmacist'),
    await one.addUser('admin'),
  ]
  const admins = [await one.connect(admin), await two.connect(admin)]
  const others = [await one.connect(ana), await two.connect(keeper)]
  const asked = { role: 'pharmacist', minutes: 30, reason: ' nobody else is here ' }
  const take = (user: typeof ana, body: object) =>
    one.api(user.token, 'POST', '/api/break-glass', body)
  const consume = async (): Promise<number> =>
    (await two.api(ana.token, 'POST', '/api/inventory/A/consume', { quantity: 1 })).status

  const refused = [
    [keeper, { ...asked, role: 'doctor' }, 403, 'BREAK_GLASS_FORBIDDEN'],
    [ana, { ...asked, role: 'doctor' }, 409, 'BREAK_GLASS_NOT_NEEDED'],
    [ana, { ...asked, role: 'admin' }, 400, 'VALIDATION_FAILED'],
    [ana, { ...asked, minutes: 61 }, 400, 'VALIDATION_FAILED'],
    [ana, { ...asked, minutes: 0 }, 400, 'VALIDATION_FAILED'],
    [ana, { ...asked, reason: ' ' }, 400, 'VALIDATION_FAILED'],
  ] as const
  for (const [user, body, status, code] of refused) {
    expect(await take(user, body)).toMatchObject({ status, body: { code } })
  }
  expect(await consume()).toBe(403)
  const own = async (user: typeof ana) =>
    (await two.api(user.token, 'GET', '/api/break-glass/own')).body
  expect(await own(keeper)).toEqual({ mayTake: [], active: [] })
  expect(await own(ana)).toMatchObject({
    mayTake: ['inventory_manager', 'pharmacist', 'educator', 'patient'],
  })

  // Two at a time are one: the other finds that he has it.
  const both = await Promise.all([take(ana, asked), take(ana, asked)])
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
  const grant = both.find(({ status }) => status === 201)?.body ?? {}
  expect(grant).toMatchObject({
    userId: ana.id,
    username: ana.username,
    role: 'pharmacist',
    state: 'active',
    validFrom: at('12:00:00'),
    validUntil: at('12:30:00'),
    reason: 'nobody else is here',
    endedSeq: null,
    review: null,
  })
  for (const client of admins) {
    await expect.poll(() => client.of('break_glass:opened')).toMatchObject([{ grant }])
  }
  expect((await own(ana))['active']).toEqual([grant])
  await expect.poll(consume).toBe(200)
  const path = `/api/break-glass/${String(grant['id'])}`
  const review = (user: typeof ana, note = 'spoke to her') =>
    two.api(user.token, 'POST', `${path}/review`, { note })
  expect(await review(admin)).toMatchObject({ status: 409, body: { code: 'REVIEW_TOO_EARLY' } })

  // It ends by itself.
  await setClock(database, at('12:30:00'))
  for (const client of others.slice(0, 1)) {
    await expect.poll(() => client.of('session:role').at(-1)).toMatchObject({ roles: ['doctor'] })
  }
  expect(await consume()).toBe(403)
  await one.api(keeper.token, 'POST', '/api/inventory/A/consume', { quantity: 2 })
  const { body } = await one.api(admin.token, 'GET', '/api/inventory/A/movements?limit=2')
  expect(body['movements']).toMatchObject([{ delta: -2 }, { delta: -1, breakGlass: grant['id'] }])
  expect((body['movements'] as object[])[0]).not.toHaveProperty('breakGlass')
  expect((await one.api(admin.token, 'GET', path)).body).toMatchObject({
    state: 'ended',
    endedAt: at('12:30:00'),
    done: [{ what: 'movement', of: 'A', type: 'consumed', delta: -1 }],
    hasMore: false,
  })

  const listed = async (state: string) =>
    (await one.api(admin.token, 'GET', `/api/break-glass?state=${state}`)).body['grants']
  expect(await listed('open')).toHaveLength(1)
  const metrics = async () => (await fetch(`${two.url}/metrics`)).text()
  expect(await metrics()).toContain('uzima_break_glass_reviews_open 1\n')
  expect(await metrics()).toContain('uzima_break_glass_total 1\n')
  expect(await review(ana)).toMatchObject({ status: 403 })
  expect(await review(admin, ' ')).toMatchObject({ status: 400 })
  expect(await review(admin)).toMatchObject({
    status: 200,
    body: { review: { by: admin.id, byUsername: admin.username, note: 'spoke to her' } },
  })
  expect(await review(admin)).toMatchObject({ status: 409, body: { code: 'REVIEW_CLOSED' } })
  expect(await listed('open')).toEqual([])
  expect(await listed('closed')).toHaveLength(1)
  expect(await metrics()).toContain('uzima_break_glass_reviews_open 0\n')
  for (const client of admins) {
    await expect
      .poll(() => client.of('break_glass:reviewed'))
      .toMatchObject([{ grant: { id: grant['id'], review: { by: admin.id } } }])
  }
  for (const client of others) {
    expect(client.events.map(({ event }) => event)).not.toContain('break_glass:opened')
  }
})
