import { describe, expect, it } from 'vitest'
import { pruneConnectionLog, yearsBefore } from '../../src/audit/retention.js'
import { verifyChain } from '../../src/audit/verify.js'
import { createTestDatabase } from '../support/world.js'
import { anAttempt, asOwner, openLog, readRows } from './fixtures.js'

const DAY_MS = 86_400_000
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS)

describe('retention of the connection log', () => {
  it('removes old rows in batches and keeps the chain verifiable', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    for (let i = 0; i < 100; i += 1) world.log.record(anAttempt({ at: daysAgo(200 - i) }))
    await world.log.flush()
    await startedDaysAgo(database, 300)

    expect(await pruneConnectionLog(database, daysAgo(150.5), 7)).toBe(50)
    expect(await verifyChain(database)).toEqual({
      holds: true,
      rows: 50,
      runs: 1,
      withheld: 0,
      linkedOnly: 0,
    })
    world.log.record(anAttempt())
    await world.log.flush()
    expect(await pruneConnectionLog(database, daysAgo(140.5), 7)).toBe(10)
    expect(await verifyChain(database)).toEqual({
      holds: true,
      rows: 41,
      runs: 1,
      withheld: 0,
      linkedOnly: 0,
    })
    expect(await pruneConnectionLog(database, daysAgo(140.5), 7)).toBe(0)
  })

  it('does not hide what was removed by others', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    for (let i = 0; i < 10; i += 1) world.log.record(anAttempt({ at: daysAgo(100 - i) }))
    await world.log.flush()
    await startedDaysAgo(database, 300)
    await pruneConnectionLog(database, daysAgo(95.5))
    await asOwner(database, 'delete from connection_log where node_seq = 6')
    expect(await verifyChain(database)).toMatchObject({ broken: { nodeSeq: 6, reason: 'missing' } })
  })

  it('keeps an old row behind a younger one, since chains are cut from their beginning', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    for (const days of [100, 40, 100]) world.log.record(anAttempt({ at: daysAgo(days) }))
    await world.log.flush()
    await startedDaysAgo(database, 300)
    expect(await pruneConnectionLog(database, daysAgo(60))).toBe(1)
    expect(await verifyChain(database)).toMatchObject({ holds: true, rows: 2 })
  })

  it('removes a run of which nothing is left', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    world.log.record(anAttempt({ at: daysAgo(100) }))
    await world.log.flush()
    await database.script(
      `update nodes set started_at = now() - interval '101 days', ended_at = now() - interval '99 days'`,
    )
    expect(await pruneConnectionLog(database, daysAgo(60))).toBe(1)
    expect(await verifyChain(database)).toEqual({
      holds: true,
      rows: 0,
      runs: 0,
      withheld: 0,
      linkedOnly: 0,
    })
  })

  it('refuses to remove the last 30 days, however it is asked', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    world.log.record(anAttempt({ at: daysAgo(29) }))
    world.log.record(anAttempt({ at: daysAgo(28) }))
    await world.log.flush()
    await startedDaysAgo(database, 300)
    await expect(pruneConnectionLog(database, daysAgo(20))).rejects.toThrow('at least 30 days')
    await expect(
      database.script(`insert into connection_log_anchors (node_run, node_seq, hash)
        select node_run, node_seq, hash from connection_log where node_seq = 2`),
    ).rejects.toThrow('An anchor names a row')
    await expect(database.script('delete from connection_log')).rejects.toThrow('append-only')
    expect(await readRows(database)).toHaveLength(2)
  })

  it('counts years by the calendar', () => {
    expect(yearsBefore(new Date('2026-11-22T10:00:00Z'), 6)).toEqual(
      new Date('2020-11-22T10:00:00Z'),
    )
  })
})

const startedDaysAgo = (
  database: { script: (sql: string) => Promise<void> },
  days: number,
): Promise<void> =>
  database.script(`update nodes set started_at = now() - interval '${days.toString()} days'`)
