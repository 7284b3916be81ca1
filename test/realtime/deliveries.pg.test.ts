import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Position } from '@uzima/contracts'
import { setupApp, type TestApp, type TestClient } from '../support/app.js'
import { headOf } from '../support/read-log.js'
import { addItem, change, comeBack, positionOf } from './returning.js'

interface Row {
  readonly socket: string
  readonly how: string
  readonly asked: number | null
  readonly joined: number | null
  readonly reset: string | null
  readonly upTo: number
  readonly applied: number | null
  readonly code: string | null
}

/** What is on record of the sessions of a user, in the order in which they came. */
const recordOf = (app: TestApp, userId: string): Promise<Row[]> =>
  app.database.query<Row>(
    `select socket_id as socket, how, asked_seq as asked, joined_seq as joined, reset_reason as reset,
       delivery_written_up_to(d) as "upTo", applied_seq as applied, code
     from deliveries d where user_id = $1 order by connected_at`,
    [userId],
  )

/** By when which of the numbers was written to the newest session of a user, in ms since 1970; null where it is not claimed. */
const timesOf = async (
  app: TestApp,
  userId: string,
  seqs: readonly number[],
): Promise<(number | null)[]> => {
  const rows = await app.database.query<{ at: Date | null }>(
    `select delivery_written_at(d, n) as at from unnest($2::bigint[]) with ordinality as s(n, place),
       (select * from deliveries where user_id = $1 order by connected_at desc limit 1) as d order by place`,
    [userId, `{${seqs.join()}}`],
  )
  return rows.map(({ at }) => at?.getTime() ?? null)
}

const say = (client: TestClient, payload: unknown): Promise<unknown> =>
  client.socket.timeout(30_000).emitWithAck('applied', payload)

/** All but its last entry is taken as applied; what was never sent, or is of another log, is not. */
const expectForwardOnly = async (app: TestApp, client: TestClient): Promise<void> => {
  const { epoch } = positionOf(client)
  const head = await headOf(app)
  const invalid = { ok: false, error: { code: 'EVENT_INVALID' } }
  for (const payload of [undefined, {}, { epoch, seq: -1 }, { epoch, seq: head + 1 }]) {
    expect(await say(client, payload)).toMatchObject(invalid)
  }
  const other: Position = { epoch: '00000000-0000-4000-8000-000000000000', seq: head }
  for (const position of [{ epoch, seq: head - 1 }, { epoch, seq: head - 2 }, other]) {
    expect(await say(client, position)).toEqual({ ok: true })
  }
  const metrics = await fetch(`${app.url}/metrics`).then((response) => response.text())
  expect(metrics).toContain('uzima_commit_to_applied_seconds_count 1')
}

it('says of each session how it came, up to where it was written to, what was applied, and how it ended', async () => {
  await using app = await setupApp()
  const [user, patient] = [await app.addUser('pharmacist'), await app.addUser('patient')]
  const live = await app.connect(user)
  await app.connect(patient, { transports: ['polling'] })
  const from = positionOf(live)
  for (const sku of ['A', 'B', 'C']) await addItem(app, sku)
  const head = await headOf(app)
  for (const { id } of [user, patient]) {
    await expect
      .poll(() => recordOf(app, id))
      .toMatchObject([{ how: 'live', asked: null, joined: from.seq, upTo: head, code: null }])
  }
  const times = await timesOf(app, user.id, [from.seq + 1, head, head + 1])
  expect(times).toEqual([expect.any(Number), expect.any(Number), null])

  await expectForwardOnly(app, live)
  live.socket.disconnect()
  await expect
    .poll(() => recordOf(app, user.id))
    .toMatchObject([{ upTo: head, applied: head - 1, code: 'CLIENT_LEFT' }])
  expect(await app.database.query('select seq from applied_marks')).toEqual([{ seq: head - 1 }])
  await comeBack(app, user, from)
  await comeBack(app, user, { ...from, seq: head + 50 })
  await expect
    .poll(() => recordOf(app, user.id))
    .toMatchObject([
      {},
      { how: 'replay', asked: from.seq, joined: head, upTo: head, code: null },
      { how: 'snapshot', joined: head, reset: 'position_in_future', upTo: head },
    ])

  await app.database.query('update users set is_active = false where id = $1', [user.id])
  await expect
    .poll(async () => (await recordOf(app, user.id)).map(({ code }) => code))
    .toEqual(['CLIENT_LEFT', 'AUTH_USER_INACTIVE', 'AUTH_USER_INACTIVE'])
  const [node] = await app.database.query<{ rules: unknown }>('select rules from nodes')
  expect(node?.rules).toEqual({
    inventoryUpdateRoles: '*',
    lowStockRoles: '*',
    alertEscalateTo: ['inventory_manager', 'admin'],
  })
})

it('claims nothing that waits for a client that does not read, and all of it when it has read', async () => {
  await using app = await setupApp({ env: { MAX_BUFFERED_BYTES: '134217728' } })
  const user = await app.addUser('pharmacist')
  await change(app, 200)
  const socket = new WebSocket(`${app.url}/socket.io/?EIO=4&transport=websocket`)
  socket.on('error', () => undefined)
  let last = 0
  socket.on('message', (data: Buffer) => {
    const packet = data.toString()
    if (packet === '2') socket.send('3')
    if (packet.startsWith('0')) socket.send(`40${JSON.stringify({ token: user.token })}`)
    const seq = /^42\["inventory:update",\{"seq":(\d+)/.exec(packet)?.[1]
    if (seq !== undefined) last = Number(seq)
  })
  await expect.poll(() => recordOf(app, user.id)).toHaveLength(1)
  socket.pause()
  for (let n = 0; n < 10; n += 1) {
    await app.database.query('update inventory_items set metadata = $1::jsonb', [
      JSON.stringify({ filler: `${n.toString()}${'x'.repeat(16_000)}` }),
    ])
  }
  const head = await headOf(app)
  const lags = () =>
    app.database.query<{ from: number; until: number | null }>(
      'select from_seq as from, until_seq as until from delivery_lags',
    )
  const progress = () => app.database.query('select max(seq) as seq from node_progress')
  await expect.poll(progress).toEqual([{ seq: head }])
  expect(await lags()).toEqual([{ from: expect.any(Number), until: null }])
  const [lag] = await lags()
  expect(await recordOf(app, user.id)).toMatchObject([{ upTo: lag?.from }])
  expect(await timesOf(app, user.id, [head])).toEqual([null])

  socket.resume()
  await expect.poll(() => last).toBe(head)
  await expect.poll(() => recordOf(app, user.id)).toMatchObject([{ upTo: head }])
  expect(await lags()).toEqual([{ from: lag?.from, until: head }])
  const [before, after] = await timesOf(app, user.id, [lag?.from ?? 0, head])
  expect(after).toBeGreaterThan(before ?? Infinity)
  socket.terminate()
})
