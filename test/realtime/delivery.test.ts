import { expect, it } from 'vitest'
import { toLogEntry, type LogEntry } from '../../src/log/entry.js'
import { createDelivery } from '../../src/realtime/delivery.js'
import { createSessions } from '../../src/realtime/sessions.js'

const entry = (seq: number, name: string, payload: Record<string, unknown>): LogEntry =>
  toLogEntry({ seq, name, audience: 'stock', payload, at: new Date(1_000) })

it('ends rights before it sends what was numbered before them, and acknowledges once nothing can follow', async () => {
  const happened: string[] = []
  let letGo: () => void = () => undefined
  const gone = new Promise<void>((resolve) => (letGo = resolve))
  const delivery = createDelivery({
    sessions: {
      ...createSessions(),
      end: ({ seq }) => {
        happened.push(`ends ${seq.toString()}`)
        return { closed: 2, ended: gone }
      },
    },
    fanOut: (entries) => happened.push(`sends ${entries.map(({ seq }) => seq).join()}`),
    acknowledge: (ack) => happened.push(`acknowledges ${JSON.stringify(ack)}`),
    onDelivered: () => undefined,
    now: () => 1_250,
    digest: {
      dueAt: () => 3,
      passed: ({ seq }) => {
        if (seq === 3) happened.push('digest of 3')
      },
      forget: () => undefined,
    },
  })

  delivery.onEntries([
    entry(1, 'inventory:update', {}),
    entry(2, 'user:changed', { userId: 'u-1', deleted: true, ended: 'deleted' }),
    entry(3, 'inventory:lowStock', {}),
    entry(4, 'inventory:update', {}),
  ])
  expect(happened).toEqual(['ends 2', 'sends 1', 'sends 3', 'digest of 3', 'sends 4'])

  letGo()
  const ack = { seq: 2, socketsClosed: 2, socketsMoved: 0, appliedAfterMs: 250 }
  await expect.poll(() => happened.at(-1)).toBe(`acknowledges ${JSON.stringify(ack)}`)
})
