import { memoryStore } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import { describe, expect, it, vi } from 'vitest'
import { createRetention } from '../../src/log/retention.js'
import { headOf } from '../support/read-log.js'
import { changeAll, changeItem, expectAgreement, expectLive, setupClinic } from './clinic.js'

describe('the view', () => {
  it('has no gap between snapshot and stream, whenever it begins', async () => {
    await using clinic = await setupClinic()
    const user = await clinic.app.addUser('pharmacist')
    const writing = Promise.all([changeAll(clinic.app), changeAll(clinic.app)])
    const screens = Array.from({ length: 6 }, () => clinic.screen(user))
    for (const { client } of screens) {
      await client.start()
      await changeItem(clinic.app, 'S3')
    }
    await writing
    await clinic.app.database.query(
      `update inventory_items set archived_at = now() where sku = 'S4'`,
    )
    for (const { client } of screens) await expectAgreement(clinic.app, client)
  })

  it('is shown at once as it was kept, and right without another snapshot after a night', async () => {
    await using clinic = await setupClinic()
    const user = await clinic.app.addUser('pharmacist')
    const store = memoryStore()
    const evening = clinic.screen(user, { store }).client
    await evening.start()
    await expectAgreement(clinic.app, evening)
    await evening.stop()
    // Its last word, which the server hears before its goodbye.
    const said = () =>
      clinic.app.database.query(
        'select applied_seq as applied, code from deliveries where user_id = $1',
        [user.id],
      )
    const applied = await headOf(clinic.app)
    await expect.poll(said).toEqual([{ applied, code: 'CLIENT_LEFT' }])
    const { asOf } = evening.connection.get()
    const kept = evening.inventory.list()
    await changeAll(clinic.app)

    using fetched = vi.spyOn(globalThis, 'fetch')
    clinic.network.setMode({ kind: 'refuse' })
    const morning = clinic.screen(user, { store, userId: user.id }).client
    await morning.start()
    expect(morning.inventory.list()).toEqual(kept)
    expect(morning.connection.get()).toMatchObject({
      phase: 'connecting',
      synced: false,
      asOf,
      user: { userId: user.id, username: user.username, role: 'pharmacist' },
    })
    clinic.network.setMode({ kind: 'pass' })
    await expectAgreement(clinic.app, morning)
    expect(morning.connection.get().asOf).toBeGreaterThan(asOf ?? Infinity)
    const paths = fetched.mock.calls.map(([input]) => new URL(input as string).pathname)
    expect(paths.filter((path) => path === '/api/inventory')).toEqual([])
  })

  it.each(['the log is trimmed', 'the log is another'])(
    'is right after a time in which %s',
    async (what) => {
      await using clinic = await setupClinic()
      const user = await clinic.app.addUser('pharmacist')
      const store = memoryStore()
      const before = clinic.screen(user, { store }).client
      await before.start()
      await expectAgreement(clinic.app, before)
      await before.stop()
      await changeAll(clinic.app)
      if (what === 'the log is another') await clinic.app.database.query('select start_new_epoch()')
      else await createRetention({ database: clinic.app.database, eventRetentionMs: 0 }).run()
      await changeItem(clinic.app, 'S1')

      const after = clinic.screen(user, { store, userId: user.id }).client
      await after.start()
      await expectLive(after)
      await expectAgreement(clinic.app, after)
      // The same object that was there before, too: a laptop that was only closed.
      await before.start()
      await expectLive(before)
      await expectAgreement(clinic.app, before)
    },
  )
})

describe('the digest', () => {
  const env = { DIGEST_EVERY_MS: '100' }

  it('says when the view was last found right, on each connection and from then on', async () => {
    await using clinic = await setupClinic({ env })
    const user = await clinic.app.addUser('doctor')
    const { client } = clinic.screen(user)
    await client.start()
    const verifiedAt = () => client.connection.get().verifiedAt ?? 0
    await expect.poll(verifiedAt).toBeGreaterThan(0)
    for (let times = 0; times < 3; times += 1) {
      const before = verifiedAt()
      await changeAll(clinic.app)
      if (times === 1) clinic.network.cut(1)
      await expect.poll(verifiedAt).toBeGreaterThan(before)
    }
    expect(client.connection.get().divergences).toBe(0)
  })

  it('finds a view that is wrong, says so, and has it repaired', async () => {
    await using clinic = await setupClinic({ env })
    const user = await clinic.app.addUser('pharmacist')
    const { client } = clinic.screen(user)
    await client.start()
    await expectAgreement(clinic.app, client)
    // As a fault of the view would: nobody changes an item that he was given.
    Object.assign(client.inventory.get('S7') ?? {}, { usableQuantity: 77 })
    await expect.poll(() => client.connection.get().divergences).toBeGreaterThan(0)
    await expectAgreement(clinic.app, client)
    await expect
      .poll(async () => (await fetch(`${clinic.app.url}/metrics`)).text())
      .toMatch(/^uzima_client_divergences_total(?:{.*})? [1-9]/m)
  })
})

describe('what one person has seen', () => {
  it.each([
    ['a name that is known beforehand', true],
    ['a name that the server tells', false],
  ])('is never shown to another who logs in with %s', async (_how, known) => {
    await using clinic = await setupClinic()
    const [asha, juma, neema] = [
      await clinic.app.addUser('pharmacist'),
      await clinic.app.addUser('patient'),
      await clinic.app.addUser('doctor'),
    ]
    const store = memoryStore()
    const first = clinic.screen(asha, { store }).client
    await first.start()
    await expectAgreement(clinic.app, first)
    await first.stop()

    for (const other of [juma, neema]) {
      const seen: (readonly Item[])[] = []
      const { client } = clinic.screen(other, {
        store,
        ...(known ? { userId: other.id } : {}),
        schedule: (notify) => notify(),
      })
      client.inventory.subscribe(undefined, () => seen.push(client.inventory.list()))
      clinic.network.setMode({ kind: 'refuse' })
      await client.start()
      expect(client.inventory.list()).toEqual([])
      expect(client.connection.get().user).toBeNull()
      clinic.network.setMode({ kind: 'pass' })
      await expectLive(client)
      expect(client.connection.get().user?.userId).toBe(other.id)
      if (other === juma) expect(seen.flat()).toEqual([])
      else await expectAgreement(clinic.app, client)
      await client.stop()
    }

    // What was kept of the first one is still there for her.
    clinic.network.setMode({ kind: 'refuse' })
    const again = clinic.screen(asha, { store, userId: asha.id }).client
    await again.start()
    expect(again.inventory.list()).toEqual(first.inventory.list())
  })

  it('follows who shows the token', async () => {
    await using clinic = await setupClinic()
    const [asha, juma] = [
      await clinic.app.addUser('pharmacist'),
      await clinic.app.addUser('patient'),
    ]
    let current = asha
    const { client } = clinic.screen(asha, { getToken: () => current.token })
    await client.start()
    await expectAgreement(clinic.app, client)
    current = juma
    clinic.network.cut(1)
    await expect.poll(() => client.connection.get().user?.userId).toBe(juma.id)
    expect(client.inventory.list()).toEqual([])
    current = asha
    clinic.network.cut(1)
    await expectAgreement(clinic.app, client)
  })

  it.each([
    ['the role changes', `update users set role = 'patient' where id = $1`],
    ['the account is deactivated', 'update users set is_active = false where id = $1'],
  ])('is gone from screen and store when %s', async (_what, sql) => {
    await using clinic = await setupClinic()
    const user = await clinic.app.addUser('pharmacist')
    const store = memoryStore()
    const { client } = clinic.screen(user, { store })
    await client.start()
    await expectAgreement(clinic.app, client)
    await clinic.app.database.query(sql, [user.id])
    await expect.poll(() => client.inventory.list()).toEqual([])
    // Late saves come before the stop ends.
    await client.stop()
    expect(await store.stock.read(user.id)).toBeNull()
  })
})
