import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryStore } from '@uzima/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { changeAll, changeItem, expectAgreement, expectLive, setupClinic } from './clinic.js'

const HOURS_MS = 3_600_000

/** The page on which a guest accepts the terms of a network, in place of everything. */
const startPortal = async (body: string, type: string) => {
  const portal = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': type, date: 'Thu, 01 Jan 1998 00:00:00 GMT' })
    response.end(body)
  })
  await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve))
  return {
    // A listening TCP server has an AddressInfo; the type also covers pipes.
    port: (portal.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      portal.closeAllConnections()
      await new Promise((resolve) => portal.close(resolve))
    },
  }
}

const deviceTime = Date.now

/** Sets this device's clock ahead, or back, until the test ends. */
const setClock = (byMs: number): void => {
  vi.spyOn(Date, 'now').mockImplementation(() => deviceTime() + byMs)
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a network that answers in the place of the service', () => {
  it.each([
    ['HTML', '<html>Please accept our terms</html>', 'text/html'],
    ['JSON', '{"items":[],"accept":"terms"}', 'application/json'],
  ])('with %s gives nothing to the view, is named, and is got over', async (_what, body, type) => {
    await using clinic = await setupClinic()
    await using portal = await startPortal(body, type)
    const user = await clinic.app.addUser('pharmacist')
    const { client } = clinic.screen(user, { transports: ['polling', 'websocket'] })
    await client.start()
    await expectAgreement(clinic.app, client)
    const { asOf } = client.connection.get()
    const shown = client.inventory.list()

    clinic.network.setTarget(portal.port)
    clinic.network.cut(1)
    await changeAll(clinic.app)
    if (type === 'text/html') {
      await expect
        .poll(() => client.connection.get())
        .toMatchObject({ phase: 'connecting', code: 'UNEXPECTED_ANSWER' })
    }
    await expect(client.rest.inventory.snapshot()).rejects.toMatchObject({ retryable: true })
    expect(client.inventory.list()).toBe(shown)
    expect(client.connection.get()).toMatchObject({ synced: false, user: { userId: user.id } })
    expect(client.connection.get().asOf).toBeGreaterThanOrEqual(asOf ?? Infinity)

    clinic.network.setTarget(Number(new URL(clinic.app.url).port))
    clinic.network.cut(1)
    client.wake()
    await expectAgreement(clinic.app, client)
  })

  it('is waited for by who begins behind it', async () => {
    await using clinic = await setupClinic()
    await using portal = await startPortal('<html>Please accept our terms</html>', 'text/html')
    const user = await clinic.app.addUser('pharmacist')
    clinic.network.setTarget(portal.port)
    const { client } = clinic.screen(user)
    await client.start()
    await expect.poll(() => client.connection.get().code).toBe('UNEXPECTED_ANSWER')
    expect(client.inventory.list()).toEqual([])
    clinic.network.setTarget(Number(new URL(clinic.app.url).port))
    clinic.network.cut(1)
    client.wake()
    await expectAgreement(clinic.app, client)
  })
})

it('misses nothing behind a proxy that ends each connection after a while', async () => {
  await using clinic = await setupClinic({ cutAfterMs: 400 })
  const user = await clinic.app.addUser('pharmacist')
  const { client } = clinic.screen(user, { schedule: (notify) => notify() })
  const seqs: (number | undefined)[] = []
  client.inventory.subscribe({ sku: 'S1' }, () => seqs.push(client.inventory.changedAtSeq('S1')))
  let cuts = 0
  let wasLive = false
  client.connection.subscribe(() => {
    const { synced } = client.connection.get()
    if (wasLive && !synced) cuts += 1
    wasLive = synced
  })
  await client.start()
  await expectLive(client)
  while (cuts < 3) {
    await changeItem(clinic.app, 'S1')
    await changeItem(clinic.app, 'S2')
  }
  await expectAgreement(clinic.app, client)
  const due = await clinic.app.database.query<{ seq: number }>(
    `select seq from event_log where name = 'inventory:update' and payload->'item'->>'sku' = 'S1' order by seq`,
  )
  // Each change, once, in order, from the first one that was seen to happen.
  const heard = seqs.filter((seq) => seq !== undefined)
  expect(heard).toEqual(due.map(({ seq }) => seq).filter((seq) => seq >= (heard[0] ?? Infinity)))
})

describe('a computer that wakes up', () => {
  it('gives up a connection that only looks open, and is right again', async () => {
    await using clinic = await setupClinic()
    const user = await clinic.app.addUser('pharmacist')
    const { client } = clinic.screen(user)
    await client.start()
    await expectAgreement(clinic.app, client)
    const since = client.connection.get().since
    // What is open goes nowhere from here on, and nobody is told.
    clinic.network.setMode({ kind: 'blackhole' })
    await changeAll(clinic.app)
    setClock(8 * HOURS_MS)
    // The clock of the wall went on, timers did not: the next tick tells.
    await expect.poll(() => client.connection.get().phase).toBe('connecting')
    clinic.network.setMode({ kind: 'pass' })
    await expectAgreement(clinic.app, client)
    expect(client.connection.get().since).toBeGreaterThan(since)
  })

  it('asks again at once when told to, instead of after the back-off', async () => {
    await using clinic = await setupClinic()
    const user = await clinic.app.addUser('pharmacist')
    clinic.network.setMode({ kind: 'refuse' })
    const { client } = clinic.screen(user)
    await client.start()
    await expect.poll(() => client.connection.get().code).toBe('NETWORK_ERROR')
    clinic.network.setMode({ kind: 'pass' })
    client.wake()
    await expectAgreement(clinic.app, client)
  })
})

describe('a device whose clock is hours off', () => {
  it.each([-12, 12])('by %i h tells the time and ages of the server', async (hours) => {
    await using clinic = await setupClinic()
    const user = await clinic.app.addUser('pharmacist')
    const store = memoryStore()
    const before = Date.now()
    setClock(hours * HOURS_MS)
    const { client } = clinic.screen(user, { store })
    await client.start()
    await expectAgreement(clinic.app, client)
    await changeItem(clinic.app, 'S1')
    await expectAgreement(clinic.app, client)
    const { asOf, lastContactAt, since } = client.connection.get()
    for (const time of [asOf, lastContactAt, since, client.now()]) {
      expect(Math.abs((time ?? 0) - before)).toBeLessThan(HOURS_MS)
    }
    await client.stop()

    // Without a connection it goes by what was true the last time.
    clinic.network.setMode({ kind: 'refuse' })
    const offline = clinic.screen(user, { store, userId: user.id }).client
    await offline.start()
    expect(offline.connection.get().asOf).toBe(asOf)
    expect(Math.abs(offline.now() - before)).toBeLessThan(HOURS_MS)
    await offline.stop()

    // The battery was empty: time begins anew, but not before what is known to have been.
    setClock(-20 * 365 * 24 * HOURS_MS)
    const reset = clinic.screen(user, { store, userId: user.id }).client
    await reset.start()
    expect(reset.now()).toBeGreaterThanOrEqual(reset.connection.get().asOf ?? Infinity)
  })
})
