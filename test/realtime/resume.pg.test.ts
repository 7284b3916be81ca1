import { describe, expect, it } from 'vitest'
import type { Position } from '@uzima/contracts'
import { setupApp, type TestClient } from '../support/app.js'
import { expectWithin, times } from '../support/long.js'
import { headOf } from '../support/read-log.js'
import { addItem, change, comeBack, dueAfter, positionOf, seqsOf } from './returning.js'

describe('a client that comes back', () => {
  it('gets what it missed from memory, once and in order, then what follows', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const first = await app.connect(user)
    first.socket.disconnect()
    await change(app, 1_000)
    const from = positionOf(first)
    const due = await dueAfter(app, from.seq)
    for (let n = 0; n < times(5, 50); n += 1) {
      const back = await comeBack(app, user, from)
      await expect
        .poll(() => seqsOf(back).length, { interval: 2 })
        .toBeGreaterThanOrEqual(due.length)
      expect(seqsOf(back)).toEqual(due)
      expect(back.of('connected')).toMatchObject([{ resumed: true, position: from }])
      back.socket.disconnect()
    }
    const last = await comeBack(app, user, from)
    await addItem(app, 'LIVE')
    await expect.poll(() => seqsOf(last).at(-1)).toBe(await headOf(app))
    expect(seqsOf(last)).toEqual(await dueAfter(app, from.seq))
  })

  it('gets from the table what its node has in memory no more, then what follows', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    await change(app, 1_000)
    // The tail begins again at the head, with an empty memory.
    await app.database.query('select start_new_epoch()')
    const [row] = await app.database.query<{ epoch: string }>('select epoch from log_head')
    await expect
      .poll(async () => positionOf(await app.connect(user)).epoch, { interval: 100 })
      .toBe(row?.epoch)
    const from = { epoch: row?.epoch ?? '', seq: (await headOf(app)) - 900 }

    const back = await comeBack(app, user, from)
    expect(back.of('connected')).toMatchObject([{ resumed: true, position: from }])
    await expect.poll(() => seqsOf(back).length).toBe(900)
    await addItem(app, 'LIVE')
    await expect.poll(() => seqsOf(back).at(-1)).toBe(await headOf(app))
    expect(seqsOf(back)).toEqual(await dueAfter(app, from.seq))
  })

  it('gets the position of a snapshot where it missed more than that costs, and misses nothing after it', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const first = await app.connect(user)
    first.socket.disconnect()
    const missed = times(3_000, 50_000)
    for (let n = 0; n < missed; n += 1_000) await change(app, 1_000)
    expect((await headOf(app)) - positionOf(first).seq).toBeGreaterThanOrEqual(missed)
    await expect
      .poll(async () => (await app.api(undefined, 'GET', '/health/ready')).body['log'])
      .toMatchObject({ seq: await headOf(app) })
    const startedAt = performance.now()
    const back = await comeBack(app, user, positionOf(first))
    await expect.poll(() => back.of('log:reset')).toMatchObject([{ reason: 'snapshot_cheaper' }])
    const items = new Map<string, number>()
    const positions: Position[] = []
    let cursor = ''
    for (;;) {
      const { body } = await app.api(user.token, 'GET', `/api/inventory?limit=500${cursor}`)
      positions.push(body['position'] as Position)
      for (const item of body['items'] as { sku: string; version: number }[]) {
        items.set(item.sku, item.version)
      }
      if (typeof body['nextCursor'] !== 'string') break
      cursor = `&cursor=${encodeURIComponent(body['nextCursor'])}`
    }
    expectWithin(2_000, performance.now() - startedAt, 'A snapshot')
    const rows = await app.database.query<{ sku: string; version: number }>(
      'select sku, version::int from inventory_items',
    )
    expect(items).toEqual(new Map(rows.map(({ sku, version }) => [sku, version])))
    const [position] = positions
    expect(position?.seq).toBe(await headOf(app))
    await addItem(app, 'LIVE')
    await expect.poll(() => seqsOf(back)).toEqual(await dueAfter(app, position?.seq ?? NaN))
  })

  it('is told to read a snapshot where its position cannot be right', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    for (const sku of ['A', 'B', 'C', 'D']) await addItem(app, sku)
    const { epoch } = positionOf(await app.connect(user))
    const seq = await headOf(app)
    await app.database.query('delete from event_log where seq <= $1', [seq - 2])
    await app.database.query('update log_head set trimmed_seq = $1', [seq - 2])
    await addItem(app, 'E')
    const head = await headOf(app)
    await expect
      .poll(async () => (await app.api(undefined, 'GET', '/health/ready')).body['log'])
      .toMatchObject({ seq: head })
    const forged: readonly (readonly [unknown, string])[] = [
      ['17', 'position_invalid'],
      [{ epoch, seq: -1 }, 'position_invalid'],
      [{ epoch, seq: 1.5 }, 'position_invalid'],
      [{ epoch, seq: '1; drop table users' }, 'position_invalid'],
      [{ seq: 1 }, 'position_invalid'],
      [{ epoch: '00000000-0000-4000-8000-000000000000', seq: 1 }, 'epoch_changed'],
      [{ epoch, seq: head + 1 }, 'position_in_future'],
      [{ epoch, seq: Number.MAX_SAFE_INTEGER }, 'position_in_future'],
      [{ epoch, seq: seq - 3 }, 'position_too_old'],
    ]
    for (const [position, reason] of forged) {
      const client = await comeBack(app, user, position)
      expect(client.of('connected')).toMatchObject([
        { resumed: false, position: { epoch, seq: head } },
      ])
      await expect
        .poll(() => client.of('log:reset'))
        .toMatchObject([{ reason, position: { epoch, seq: head } }])
      expect(seqsOf(client)).toEqual([])
    }
    const kept = await comeBack(app, user, { epoch, seq: seq - 1 })
    await expect.poll(() => seqsOf(kept)).toEqual(await dueAfter(app, seq - 1))
  })

  it('reads over HTTP what a socket would have been sent', async () => {
    await using app = await setupApp({
      env: { INVENTORY_UPDATE_ROLES: 'admin', LOW_STOCK_ROLES: '*' },
    })
    const admin = await app.addUser('admin')
    const doctor = await app.addUser('doctor')
    const watcher = await app.connect(admin)
    const pairs = [
      { user: admin, client: watcher },
      { user: doctor, client: await app.connect(doctor) },
    ]
    await app.database.query(
      `insert into inventory_items (sku, name, threshold) values ('LOW', 'Low', 3);`,
    )
    for (const quantity of [5, 2]) {
      await app.database.query(
        `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('LOW', 'L', $1, '2031-01-31')
         on conflict (sku, lot_number) do update set quantity = excluded.quantity`,
        [quantity],
      )
    }
    await change(app, 300)
    await expect.poll(async () => seqsOf(watcher).at(-1)).toBe(await headOf(app))
    for (const { user, client } of pairs) {
      const events: unknown[] = []
      let { seq } = positionOf(client)
      for (;;) {
        const { body } = await app.api(
          user.token,
          'GET',
          `/api/events?since=${seq.toString()}&limit=70`,
        )
        events.push(
          ...(body['events'] as { name: string; payload: unknown }[])
            .filter(({ name }) => name.startsWith('inventory:'))
            .map(({ name, payload }) => ({ event: name, data: payload })),
        )
        seq = (body['position'] as Position).seq
        if (body['hasMore'] !== true) break
      }
      const sent = client.events.filter(({ event }) => event.startsWith('inventory:'))
      expect(sent.length).toBeGreaterThan(0)
      expect(events).toEqual(sent)
    }
  })

  it('applies each number once where 50 come back at random while changes pour in', async () => {
    await using app = await setupApp({ env: { MAX_CONNECTIONS_PER_USER: '100' } })
    const user = await app.addUser('pharmacist')
    await change(app, 200)
    const start = positionOf(await app.connect(user))
    const COUNT = 50
    let returned = 0
    const applied: number[][] = []
    const stop = new AbortController()
    let commits = 0
    const pour = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const pause = new Promise((resolve) => setTimeout(resolve, 10))
        await app.database.query(
          `update inventory_items set name = gen_random_uuid()::text
           where sku in (select 'S' || (1 + floor(random() * 200))::int from generate_series(1, 3))`,
        )
        commits += 1
        await pause
      }
    }
    const pouring = [pour(), pour()]
    /** Waits until so much more was committed. */
    const poured = (more: number): Promise<void> => {
      const wanted = commits + more
      return expect.poll(() => commits, { interval: 5 }).toBeGreaterThanOrEqual(wanted)
    }
    const wander = async (): Promise<void> => {
      const seqs: number[] = []
      applied.push(seqs)
      let position: Position = start
      const visit = async (): Promise<void> => {
        const client = await comeBack(app, user, position)
        expect(client.of('log:reset')).toEqual([])
        await poured(Math.floor(Math.random() * 60))
        client.socket.disconnect()
        const got = seqsOf(client)
        seqs.push(...got)
        position = { epoch: position.epoch, seq: got.at(-1) ?? position.seq }
      }
      for (let n = 0; n < times(4, 20); n += 1) {
        await visit()
        await poured(Math.floor(Math.random() * 30))
      }
      returned += 1
      if (returned === COUNT) stop.abort()
      await Promise.all(pouring)
      // A last one, to the end.
      const head = await headOf(app)
      const last = await comeBack(app, user, position)
      await expect.poll(() => seqsOf(last).at(-1) ?? position.seq).toBe(head)
      seqs.push(...seqsOf(last))
      last.socket.disconnect()
    }
    await Promise.all([...pouring, ...Array.from({ length: COUNT }, wander)])
    const due = await dueAfter(app, start.seq)
    for (const seqs of applied) expect(seqs).toEqual(due)
  })

  it('gets nothing beyond its right where it is demoted while it catches up', async () => {
    await using app = await setupApp({ env: { INVENTORY_UPDATE_ROLES: 'admin,pharmacist' } })
    const user = await app.addUser('pharmacist')
    const first = await app.connect(user)
    const from = positionOf(first)
    first.socket.disconnect()
    await change(app, 1_500)
    let client: TestClient | undefined
    const connecting = comeBack(app, user, from).then((connected) => (client = connected))
    // As soon as the replay has begun: it is sent in parts, each by the right of its moment.
    await connecting
    await app.database.query(`update users set role = 'patient' where id = $1`, [user.id])
    const [demotion] = await app.database.query<{ seq: number }>(
      `select max(seq) as seq from event_log where name = 'user:changed' and audience = $1`,
      [`user:${user.id}`],
    )
    await change(app, 20)
    // To the end: an event that is for him comes after all that is not.
    await expect
      .poll(async () => {
        const page = await app.api(undefined, 'GET', '/health/ready')
        return (page.body['log'] as { seq: number }).seq
      })
      .toBe(await headOf(app))
    const again = await comeBack(app, user, from)
    await addItem(app, 'AFTER')
    await expect
      .poll(async () => (await app.api(undefined, 'GET', '/health/ready')).body['log'])
      .toMatchObject({ seq: await headOf(app) })
    const seqs = seqsOf(client as unknown as TestClient)
    expect(seqs).toEqual(seqs.map((_, offset) => (seqs[0] ?? 0) + offset))
    expect(seqs.filter((seq) => seq > (demotion?.seq ?? 0))).toEqual([])
    // Nor is anything of before given to who has no right to it any more.
    expect(seqsOf(again)).toEqual([])
  })
})
