import { ATTEMPT_OUTCOMES, attemptsQuerySchema, type ConnectionAttempt } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv } from '../src/admin/csv/read-csv.js'
import { exportLog } from '../src/admin/log/log-export.js'
import { filtersOf, requestOf } from '../src/admin/log/log-filters.js'
import { addressOf, hrefOf } from '../src/shell/address.js'

const day = fc
  .date({ min: new Date('2020-01-02'), max: new Date('2035-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

describe('the filters of the connection log', () => {
  it('come back from a link as they were, and ask what the server takes', () => {
    const filters = fc.record({
      user: fc.oneof(fc.constant(''), fc.uuid()),
      outcome: fc.constantFrom('' as const, ...ATTEMPT_OUTCOMES),
      from: fc.oneof(fc.constant(''), day),
      to: fc.oneof(fc.constant(''), day),
    })
    fc.assert(
      fc.property(filters, (made) => {
        const { path, query } = addressOf(hrefOf(['admin', 'log'], { ...made }))
        expect(path).toBe('/admin/log')
        expect(filtersOf(query)).toEqual(made)
        expect(attemptsQuerySchema.safeParse(requestOf(made)).error).toBeUndefined()
      }),
    )
  })

  it('have the whole of the first and of the last day in them', () => {
    fc.assert(
      fc.property(day, (one) => {
        const { since = '', until = '' } = requestOf(
          filtersOf(new URLSearchParams({ from: one, to: one })),
        )
        const hours = (Date.parse(until) - Date.parse(since)) / 3_600_000
        expect(hours).toBeGreaterThanOrEqual(23)
        expect(hours).toBeLessThanOrEqual(25)
        const noon = new Date(`${one}T12:00:00`).toISOString()
        expect(since < noon && noon < until).toBe(true)
      }),
    )
  })

  it('leave out what somebody wrote into the address', () => {
    const query = new URLSearchParams({ outcome: 'exploded', from: '2026-13-40', to: 'today' })
    expect(filtersOf(query)).toEqual({ user: '', outcome: '', from: '', to: '' })
  })
})

const attempt = (index: number): ConnectionAttempt => ({
  at: new Date(Date.UTC(2026, 10, 27, 8, 0, -index)).toISOString(),
  outcome: 'refused',
  code: 'AUTH_TOKEN_INVALID',
  userId: index % 2 === 0 ? null : 'u-1',
  ip: '203.0.113.7',
  userAgent: '=cmd|calc',
  origin: null,
  transport: 'websocket',
  node: 'one',
  socketId: null,
  count: 1,
})

describe('the export of the connection log', () => {
  const all = Array.from({ length: 2_345 }, (_, index) => attempt(index))
  const readPage = async ({
    limit = 0,
    cursor = '0',
  }: { limit?: number; cursor?: string } = {}) => {
    const start = Number(cursor)
    return {
      attempts: all.slice(start, start + limit),
      nextCursor: start + limit < all.length ? (start + limit).toString() : null,
    }
  }

  it('has every row of every page, with names, and nothing that a sheet would run', async () => {
    const progress: number[] = []
    const parts = await exportLog(readPage, {
      request: {},
      separator: ';',
      nameOf: (id) => (id === 'u-1' ? 'asha' : undefined),
      onProgress: (rows) => progress.push(rows),
      signal: new AbortController().signal,
    })
    const [header, ...rows] = readCsv(parts.join(''))
    expect(header?.cells.at(0)).toBe('at')
    expect(header?.cells.at(-1)).toBe('username')
    expect(rows.map(({ cells }) => cells[0])).toEqual(all.map(({ at }) => at))
    expect(rows.slice(0, 2).map(({ cells }) => cells.at(-1))).toEqual(['', 'asha'])
    expect(parts.join('')).toContain(`;'=cmd|calc;`)
    expect(progress).toEqual([1_000, 2_000, 2_345])
  })

  it('ends when it is stopped', async () => {
    const stop = new AbortController()
    const exporting = exportLog(readPage, {
      request: {},
      nameOf: () => undefined,
      onProgress: () => {
        stop.abort()
      },
      signal: stop.signal,
    })
    await expect(exporting).rejects.toThrow()
  })
})
