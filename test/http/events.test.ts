import { eventsPageSchema, ROLES, type EventsPage, type Role } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { toLogEntry, type LogEntry } from '../../src/log/entry.js'
import { EPOCH } from './api-samples.js'
import { as, createFakeApi, type FakeApi } from './fake-api.js'

const OTHER_EPOCH = '9b0e4b5c-5a53-4c1c-9a8e-6f2f4f1f2a11'

const entry = (seq: number, name: string, audience: string): LogEntry =>
  toLogEntry({ seq, name, audience, payload: { seq }, at: new Date('2025-11-22T08:00:00.000Z') })

const LOG = [
  entry(3, 'inventory:update', 'stock'),
  entry(4, 'user:changed', 'user:id-doctor'),
  entry(5, 'inventory:lowStock', 'alerts'),
  entry(6, 'session:ended', 'user:id-admin'),
]

/** A log of 6 entries, of which the first 2 are gone. */
const fill = (api: FakeApi): void => {
  api.deps.eventLog.range.mockImplementation(async (afterSeq, limit) => ({
    head: { epoch: EPOCH, seq: 6, trimmedSeq: 2 },
    readAt: new Date('2025-11-22T08:00:00.000Z'),
    dueInMs: null,
    isEndOverdue: false,
    isReadOnly: false,
    session: 0,
    entries: LOG.filter(({ seq }) => seq > afterSeq).slice(0, limit),
  }))
}

const read = async (api: FakeApi, role: Role, query: string): Promise<EventsPage> => {
  const response = await api.app.inject({ url: `/api/events?${query}`, headers: as(role) })
  expect(response.statusCode).toBe(200)
  return eventsPageSchema.parse(response.json())
}

describe('GET /api/events', () => {
  it('shows each caller what is addressed to him', async () => {
    await using api = await createFakeApi()
    fill(api)
    const seen = Object.fromEntries(
      await Promise.all(
        ROLES.map(async (role) => {
          const { events } = await read(api, role, 'since=2')
          return [role, events.map(({ seq }) => seq)] as const
        }),
      ),
    )
    expect(seen).toEqual({
      admin: [3, 5, 6],
      inventory_manager: [3],
      pharmacist: [3],
      doctor: [3, 4],
      educator: [3],
      patient: [3],
    })
  })

  it('goes on where the page ended, past what the caller may not see', async () => {
    await using api = await createFakeApi()
    fill(api)
    expect(await read(api, 'patient', 'since=3&limit=2')).toEqual({
      events: [],
      position: { epoch: EPOCH, seq: 5 },
      hasMore: true,
    })
    expect(await read(api, 'patient', 'since=5&limit=2')).toMatchObject({
      position: { epoch: EPOCH, seq: 6 },
      hasMore: false,
    })
    expect(await read(api, 'patient', `since=6&epoch=${EPOCH}`)).toEqual({
      events: [],
      position: { epoch: EPOCH, seq: 6 },
      hasMore: false,
    })
  })

  it.each([
    [`since=3&epoch=${OTHER_EPOCH}`, 'epoch_changed'],
    ['since=1', 'position_too_old'],
    ['since=7', 'position_in_future'],
  ])('sends a caller at %s to the snapshot: %s', async (query, reset) => {
    await using api = await createFakeApi()
    fill(api)
    expect(await read(api, 'admin', query)).toEqual({
      events: [],
      position: { epoch: EPOCH, seq: 6 },
      hasMore: false,
      reset,
    })
  })

  it('decides by the rights after the read, so that a demotion hides what follows it', async () => {
    await using api = await createFakeApi()
    fill(api)
    const admin = api.known.get('id-admin')
    if (admin === undefined) throw new Error('The fake knows every role.')
    api.deps.findUser.mockResolvedValueOnce({ ...admin, role: 'patient', roles: ['patient'] })
    expect((await read(api, 'admin', 'since=2')).events.map(({ seq }) => seq)).toEqual([3, 6])

    api.deps.findUser.mockResolvedValueOnce({ ...admin, isActive: false })
    const response = await api.app.inject({ url: '/api/events?since=2', headers: as('admin') })
    expect(response.json()).toMatchObject({ status: 401, code: 'AUTH_USER_INACTIVE' })
  })
})
