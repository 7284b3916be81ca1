import { connectionsPageSchema, explanationSchema, type Explanation } from '@uzima/contracts'
import { createHash } from 'node:crypto'
import { get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createRetention } from '../../src/log/retention.js'
import { setupApp, type TestApp, type TestClient, type TestUser } from '../support/app.js'
import { headOf, untilLogIsRead } from '../support/read-log.js'
import { times } from '../support/long.js'

const ask = async (app: TestApp, admin: TestUser, query: string): Promise<Explanation> => {
  const { status, body } = await app.api(admin.token, 'GET', `/api/explain?${query}`)
  expect([status, body]).toEqual([200, body])
  return explanationSchema.parse(body)
}

const connectedIds = async (app: TestApp, admin: TestUser): Promise<string[]> => {
  const { body } = await app.api(admin.token, 'GET', '/api/connections')
  return connectionsPageSchema.parse(body).connections.map(({ socketId }) => socketId)
}

const change = (app: TestApp, sku: string) =>
  app.database.query(
    `insert into inventory_items (sku, name) values ($1, $1)
     on conflict (sku) do update set name = excluded.name || ' ' || gen_random_uuid()`,
    [sku],
  )

const seqsOf = (client: TestClient): number[] =>
  client.events.flatMap(({ event, data }) =>
    event.startsWith('inventory:') && event !== 'inventory:digest' ? [data['seq'] as number] : [],
  )

/** A download with its trailer. */
const download = (app: TestApp, token: string, path: string) =>
  new Promise<{ status: number; text: string; digest: string | undefined; own: string }>(
    (resolve, reject) => {
      get(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } }, (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', reject)
        answer.on('end', () => {
          const body = Buffer.concat(pieces)
          resolve({
            status: answer.statusCode ?? 0,
            text: body.toString(),
            digest: answer.trailers['repr-digest'],
            own: `sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
          })
        })
      }).on('error', reject)
    },
  )

describe('what became of an entry for a user', () => {
  it('is told of real clients as they got it, step by random step', async () => {
    await using app = await setupApp({
      env: { INVENTORY_UPDATE_ROLES: 'admin,pharmacist,doctor' },
    })
    const admin = await app.addUser('admin')
    const user = await app.addUser('pharmacist')
    const open: TestClient[] = []
    const all: TestClient[] = []
    const applied = new Map<TestClient, number>()
    const random = generator(Date.now() % 2 ** 31)
    const first = (await headOf(app)) + 1
    let place: unknown
    /** Everybody has what is numbered: an answer comes behind what was sent before it. */
    const settled = async (): Promise<void> => {
      await untilLogIsRead(app)
      for (const { socket } of open) await socket.timeout(30_000).emitWithAck('nothing of ours')
    }
    for (let step = 0; step < times(30, 120); step += 1) {
      const kind = Math.floor(random() * 8)
      if (kind <= 2) await change(app, `S${Math.floor(random() * 3).toString()}`)
      else if (kind === 3) {
        const role = ['pharmacist', 'patient', 'doctor'][Math.floor(random() * 3)] ?? 'patient'
        await settled()
        await app.database.query('update users set role = $2 where id = $1', [user.id, role])
      } else if (kind === 4) {
        await settled()
        await app.database.query(
          `insert into role_grants (user_id, role, valid_until, reason) values ($1, 'doctor', now() + interval '1 hour', 'cover')`,
          [user.id],
        )
      } else if (kind === 5 && open.length < 3) {
        await settled()
        const position = random() < 0.5 ? place : undefined
        const client = await app.connect(user, { auth: { token: user.token, position } })
        open.push(client)
        all.push(client)
        await settled()
      } else if (kind === 6) {
        const client = open.shift()
        if (client === undefined) continue
        await settled()
        const [connected] = client.of('connected')
        place = { ...(connected?.['position'] as object), seq: await headOf(app) }
        const { id } = client.socket
        client.socket.disconnect()
        // What is sent to one who has just gone is written, and arrives nowhere.
        await expect.poll(() => connectedIds(app, admin)).not.toContain(id)
      } else if (kind === 7) {
        const client = open[0]
        if (client === undefined) continue
        await settled()
        const [connected] = client.of('connected')
        const seq = await headOf(app)
        const { epoch } = connected?.['position'] as { epoch: string }
        await client.socket.timeout(30_000).emitWithAck('applied', { epoch, seq })
        applied.set(client, seq)
      }
    }
    await settled()
    for (const client of open) client.socket.disconnect()
    await expect
      .poll(() =>
        app.database.query('select from deliveries where user_id = $1 and closed_at is not null', [
          user.id,
        ]),
      )
      .toHaveLength(all.length)

    const last = await headOf(app)
    // The record is a moment behind: what cannot be known yet is not answered.
    const known = async (query: string) => {
      await expect
        .poll(async () => (await ask(app, admin, query)).reason)
        .not.toBe('not_yet_recorded')
      return ask(app, admin, query)
    }
    await known(`userId=${user.id}&seq=${last.toString()}`)
    // Where a right changed as a connection began, the record cannot tell which came first.
    const [beginnings] = await app.database.query<{ moved: boolean }>(
      `select exists (
         select from deliveries d join right_changes c on c.user_id = d.user_id
         where d.user_id = $1 and abs(extract(epoch from c.at - d.connected_at)) <= 0.1) as moved`,
      [user.id],
    )
    const verdicts = new Set<string>()
    const untold = new Set<number>()
    for (let seq = first; seq <= last; seq += 1) {
      const answer = await known(`userId=${user.id}&seq=${seq.toString()}`)
      if (answer.reason === 'rights_moved') {
        expect(beginnings?.moved).toBe(true)
        continue
      }
      // What arrived last before a client left is on no record.
      if (answer.reason === 'record_missing') {
        const [last] = await app.database.query<{ left: boolean }>(
          `select exists (
             select from deliveries
             where user_id = $1 and closed_at > $2::timestamptz - interval '0.1 s'
               and closed_at < $2::timestamptz + interval '5 s') as left`,
          [user.id, answer.entry.at],
        )
        expect(last?.left).toBe(true)
        untold.add(seq)
        verdicts.add(answer.verdict)
        continue
      }
      const got = all.filter((client) => seqsOf(client).includes(seq))
      verdicts.add(answer.verdict)
      const isApplied = got.some((client) => (applied.get(client) ?? 0) >= seq)
      const expected = got.length === 0 ? { isSent: false } : { isSent: true, isApplied }
      const told = ['written', 'applied'].includes(answer.verdict)
      expect({
        seq,
        sentence: answer.sentence,
        isSent: told,
        ...(told ? { isApplied: answer.verdict === 'applied' } : {}),
        isUnknown: answer.verdict === 'unknown',
      }).toEqual({ seq, sentence: answer.sentence, ...expected, isUnknown: false })
      expect(
        answer.deliveries.filter(
          ({ writtenAt }) => writtenAt !== undefined && writtenAt < answer.entry.at,
        ),
      ).toEqual([])
    }
    expect(verdicts.size).toBeGreaterThan(1)

    // The other direction says the same, and so does a number after its entry was trimmed.
    const span = 'from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z'
    const before = await download(app, admin.token, `/api/audit/seen?userId=${user.id}&${span}`)
    expect([before.status, before.digest]).toEqual([200, before.own])
    const { rows } = JSON.parse(before.text) as { rows: { seq: number; verdict: string }[] }
    const listed = rows.filter(({ seq }) => seq >= first)
    const sent = [...new Set(all.flatMap(seqsOf))]
      .filter((seq) => seq >= first && !untold.has(seq))
      .sort((a, b) => a - b)
    expect(
      listed
        .filter(({ verdict }) => verdict === 'written' || verdict === 'applied')
        .map(({ seq }) => seq),
    ).toEqual(sent)
    await createRetention({ database: app.database, eventRetentionMs: 1 }).run()
    expect(
      (await download(app, admin.token, `/api/audit/seen?userId=${user.id}&${span}`)).text,
    ).toBe(before.text)

    const csv = await download(app, admin.token, `/api/audit/viewers?sku=S0&format=csv&${span}`)
    expect([csv.status, csv.digest]).toEqual([200, csv.own])
    expect(csv.text).toMatch(/^\ufeffuserId,username,from,until,/)
    expect(csv.text).toContain(user.username)
  })

  it('is told of what a node that was behind sent to a connection that began after it', async () => {
    await using app = await setupApp({ env: { INVENTORY_UPDATE_ROLES: 'pharmacist' } })
    const admin = await app.addUser('admin')
    const user = await app.addUser('pharmacist')
    await untilLogIsRead(app)
    const client = await app.connect(user)
    await change(app, 'S0')
    const seq = await headOf(app)
    await expect.poll(() => seqsOf(client)).toEqual([seq])
    // By then the node has put on record that it was written.
    const query = `userId=${user.id}&seq=${seq.toString()}`
    await expect.poll(async () => (await ask(app, admin, query)).verdict).toBe('written')
    // As such a node has it: it joined before the entry, and by the clock it began after it.
    const moved = await app.database.query(
      `update deliveries set connected_at = e.at + interval '10 milliseconds'
       from event_log e where e.seq = $2 and user_id = $1 and joined_seq < $2 returning id`,
      [user.id, seq],
    )
    expect(moved).toHaveLength(1)
    expect((await ask(app, admin, query)).verdict).toBe('written')
  })
})

/** Mulberry32. */
const generator = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
