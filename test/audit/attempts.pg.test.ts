import { attemptsPageSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { listAttempts } from '../../src/audit/attempts.js'
import type { Database } from '../../src/storage/database.js'
import { createTestDatabase } from '../support/world.js'
import { accepted, anAttempt, openLog } from './fixtures.js'

describe('listAttempts', () => {
  it('answers what the contract says, newest first', async () => {
    await using database = await createTestDatabase()
    await write(database, 3)
    const page = await listAttempts(database, { limit: 2 })
    expect(attemptsPageSchema.safeParse(page).error).toBeUndefined()
    expect(page.attempts[0]).toEqual({
      at: '2026-01-01T00:00:03.000Z',
      outcome: 'accepted',
      code: null,
      userId: 'user-1',
      ip: '203.0.113.7',
      userAgent: 'Mozilla/5.0',
      origin: 'https://clinic.example',
      transport: 'websocket',
      node: 'node-a',
      socketId: 's3',
      count: 1,
    })
  })

  it('pages through rows of one moment without a gap or a repetition', async () => {
    await using database = await createTestDatabase()
    await using world = openLog(database)
    const at = new Date()
    for (let i = 1; i <= 25; i += 1) world.log.record({ ...accepted(`s${i.toString()}`), at })
    await world.log.flush()

    const seen: (string | null)[] = []
    let cursor: string | null | undefined
    do {
      const page = await listAttempts(database, { limit: 10, cursor: cursor ?? undefined })
      seen.push(...page.attempts.map(({ socketId }) => socketId))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `s${(25 - i).toString()}`))
  })

  it.each([
    [{ userId: 'user-1' }, ['s3', 's2', 's1']],
    [{ userId: 'nobody' }, []],
    [{ outcome: 'refused' as const }, [null]],
    [{ since: '2026-01-01T02:00:02+02:00' }, ['s3', 's2']],
    [{ since: '2026-01-01T00:00:01Z', until: '2026-01-01T00:00:03Z' }, ['s2', 's1']],
    [
      { since: '2026-01-01T00:00:02Z', outcome: 'accepted' as const, userId: 'user-1' },
      ['s3', 's2'],
    ],
  ])('filters by %j', async (filter, socketIds) => {
    await using database = await createTestDatabase()
    await write(database, 3)
    const { attempts } = await listAttempts(database, { limit: 100, ...filter })
    expect(attempts.map(({ socketId }) => socketId)).toEqual(socketIds)
  })

  it.each(['', 'x', btoa('["attempts",["2026-01-01",1]]'), 'W10', `' or 1=1 --`])(
    'refuses the cursor %j',
    async (cursor) => {
      await using database = await createTestDatabase()
      await expect(listAttempts(database, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      })
    },
  )
})

/** Accepted sockets a second apart from the beginning of 2026, after one refusal. */
const write = async (database: Database, sockets: number) => {
  await using world = openLog(database)
  const start = Date.parse('2026-01-01T00:00:00Z')
  world.log.record(anAttempt({ at: new Date(start) }))
  for (let i = 1; i <= sockets; i += 1) {
    world.log.record({ ...accepted(`s${i.toString()}`), at: new Date(start + i * 1_000) })
  }
  await world.log.flush()
}
