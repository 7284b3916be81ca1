import { describe, expect, it } from 'vitest'
import { verifyChain } from '../../src/audit/verify.js'
import { times } from '../support/long.js'
import { createTestDatabase } from '../support/world.js'
import {
  accepted,
  anAttempt,
  closed,
  keepLines,
  makeFallible,
  openLog,
  readRows,
} from './fixtures.js'

describe('the connection log', () => {
  it('writes a row for each attempt, in order, without being asked to', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    world.log.record(accepted('s1'))
    world.log.record(anAttempt({ code: 'AUTH_TOKEN_EXPIRED' }))
    world.log.record(closed('s1'))
    await expect.poll(() => readRows(database)).toHaveLength(3)

    expect(await readRows(database)).toMatchObject([
      {
        outcome: 'accepted',
        code: null,
        user_id: 'user-1',
        socket_id: 's1',
        node: 'node-a',
        count: 1,
      },
      { outcome: 'refused', code: 'AUTH_TOKEN_EXPIRED', user_id: null, ip: '203.0.113.7' },
      { outcome: 'closed', socket_id: 's1', origin: 'https://clinic.example', node_seq: 3 },
    ])
    expect(await verifyChain(database)).toEqual({
      holds: true,
      rows: 3,
      runs: 1,
      withheld: 0,
      linkedOnly: 0,
    })
  })

  it('writes a record that comes right after a flush', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    for (let i = 1; i <= 20; i += 1) {
      world.log.record(anAttempt())
      await world.log.flush()
      expect(world.log.queued()).toBe(0)
    }
    expect(await readRows(database)).toHaveLength(20)
  })

  it('writes one log line for each attempt, at the level of its code', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    world.log.record(accepted('s1'))
    world.log.record(anAttempt({ code: 'INTERNAL' }))
    expect(world.lines()).toMatchObject([
      { level: 'info', msg: 'Connection accepted', connection: { socketId: 's1' } },
      { level: 'error', msg: 'Connection refused', connection: { code: 'INTERNAL' } },
    ])
  })

  it('keeps text of strangers bounded, on one line and without tokens', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    const token = `eyJhbGciOiJIUzI1NiJ9.${'c2VjcmV0'.repeat(40)}.c2lnbmF0dXJl`
    world.log.record(
      anAttempt({
        userAgent: `curl\r\n{"level":"info"}\u0000\u001b[31m\u2028 ${token} \ud800${'x'.repeat(5_000)}`,
        origin: `https://clinic.example/?token=${token}`,
        userId: '\udfff',
      }),
    )
    await world.log.flush()

    const [row] = await readRows(database)
    expect(row?.user_agent).toMatch(
      /^curl\\u000d\\u000a\{"level":"info"\}\\u0000\\u001b\[31m\\u2028 \[redacted\] /,
    )
    expect(row?.user_agent).toHaveLength(256)
    expect(row?.origin).toBe('https://clinic.example/?token=[redacted]')
    expect(row?.user_id).toBe('\ufffd')
    expect(world.text().split('\n')).toHaveLength(2)
    expect(world.text() + JSON.stringify(row)).not.toContain('c2VjcmV0')
    expect(await verifyChain(database)).toMatchObject({ holds: true })
  })

  it('stores no field that is not part of a record', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    world.log.record(
      Object.assign(anAttempt(), { token: 'marked-secret', auth: { token: 'marked-secret' } }),
    )
    await world.log.flush()
    const stored = await database.query('select connection_log::text from connection_log')
    expect(JSON.stringify(stored) + world.text()).not.toContain('marked-secret')
  })

  it('writes everything once and in order after an outage of the database', async () => {
    await using database = await createTestDatabase()
    const fallible = makeFallible(database)
    await using world = openLog(fallible.database, { maxBatch: 10 })
    world.log.record(anAttempt({ userId: '0' }))
    await world.log.flush()

    fallible.set('down')
    for (let i = 1; i <= 60; i += 1) world.log.record(anAttempt({ userId: i.toString() }))
    await expect.poll(() => world.text()).toContain('cannot be written')
    expect(world.log.queued()).toBe(60)
    fallible.set('none')
    await world.log.flush()

    const ids = (await readRows(database)).map((row) => Number(row.user_id))
    expect(ids).toEqual(Array.from({ length: 61 }, (_, i) => i))
    expect(world.text()).toContain('written again')
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: 61 })
  })

  it('writes nothing twice when the answer to a commit is lost', async () => {
    await using database = await createTestDatabase()
    const fallible = makeFallible(database)
    await using world = openLog(fallible.database, { maxBatch: 10 })
    world.log.record(anAttempt({ userId: '0' }))
    await world.log.flush()

    fallible.set('answerLost')
    for (let i = 1; i <= 30; i += 1) world.log.record(anAttempt({ userId: i.toString() }))
    const callsBefore = fallible.calls()
    await expect.poll(() => fallible.calls()).toBeGreaterThan(callsBefore + 2)
    fallible.set('none')
    await world.log.flush()

    const ids = (await readRows(database)).map((row) => Number(row.user_id))
    expect(ids).toEqual(Array.from({ length: 31 }, (_, i) => i))
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: 31 })
  })

  it('admits nobody at its bound, counts refusals there, and loses none', async () => {
    await using database = await createTestDatabase()
    const fallible = makeFallible(database)
    fallible.set('down')
    await using world = openLog(fallible.database, { maxQueued: 100 })
    for (let i = 0; i < 99; i += 1) world.log.record(anAttempt())
    expect(world.log.canAdmit()).toBe(true)
    world.log.record(accepted('s1'))
    expect(world.log.canAdmit()).toBe(false)

    for (let i = 0; i < 5_000; i += 1) {
      world.log.record(
        anAttempt({ code: 'SERVER_UNAVAILABLE', ip: `2001:db8::${(i % 1_500).toString()}` }),
      )
    }
    world.log.record(closed('s1'))
    expect(world.log.queued()).toBe(5_101)

    fallible.set('none')
    await world.log.flush()
    expect(world.log.canAdmit()).toBe(true)
    const rows = await readRows(database)
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(5_101)
    expect(rows.length).toBeLessThanOrEqual(100 + 1 + 1_001)
    expect(rows.filter(({ socket_id }) => socket_id === 's1')).toHaveLength(2)
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: rows.length })
  })

  it('says at its close how much it could not write', async () => {
    await using database = await createTestDatabase()
    const fallible = makeFallible(database)
    fallible.set('down')
    await using world = openLog(fallible.database, { closeWithinMs: 20 })
    for (let i = 0; i < 7; i += 1) world.log.record(anAttempt())
    const flushed = expect(world.log.flush()).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' })
    await world.log.close()
    await flushed
    expect(world.lines().at(-1)).toMatchObject({ level: 'error', attempts: 7 })
    expect(world.log.canAdmit()).toBe(false)
  })

  it('writes what is queued when it is closed', async () => {
    await using database = await createTestDatabase()
    const world = openLog(database, { flushEveryMs: 60_000 })
    for (let i = 0; i < 1_200; i += 1) world.log.record(anAttempt())
    await world.log.close()
    expect(await readRows(database)).toHaveLength(1_200)
  })

  it('has as many rows as there were attempts, an outage included', async () => {
    const attempts = times(5_000, 50_000)
    await using database = await createTestDatabase()
    const fallible = makeFallible(database)
    const silent = keepLines()
    silent.logger.level = 'error'
    await using world = openLog(fallible.database, { logger: silent.logger, maxQueued: 60_000 })
    for (let i = 0; i < attempts; i += 1) {
      if (i === attempts * 0.2) fallible.set('answerLost')
      if (i === attempts * 0.3) fallible.set('down')
      if (i === attempts * 0.6) fallible.set('none')
      world.log.record(anAttempt({ userId: i.toString() }))
      if (i % 500 === 0) await new Promise(setImmediate)
    }
    await world.log.flush()

    const [table] = await database.query<{ rows: number; attempts: number; different: number }>(
      `select count(*)::integer as rows, sum(count)::integer as attempts, count(distinct user_id)::integer as different
       from connection_log`,
    )
    expect(table).toEqual({ rows: attempts, attempts, different: attempts })
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: attempts })
  })
})

describe('connection_log', () => {
  it.each([
    ['UPDATE', `update connection_log set ip = null`],
    ['DELETE', `delete from connection_log`],
    ['TRUNCATE', `truncate connection_log cascade`],
  ])('refuses %s', async (operation, sql) => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    world.log.record(anAttempt())
    await world.log.flush()
    await expect(database.script(sql)).rejects.toThrow(
      `connection_log is append-only: ${operation} is refused`,
    )
  })
})
