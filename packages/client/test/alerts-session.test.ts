import type { Connected } from '@uzima/contracts'
import { expect, it } from 'vitest'
import { createAlertsSession } from '../src/alerts-session.js'
import { EPOCH } from './support/fake-server.js'

const connected = (resumed: boolean, role: Connected['role'] = 'pharmacist'): Connected => ({
  message: '',
  userId: 'u-1',
  username: 'amina',
  role,
  roles: [role],
  sessionExpiresAt: null,
  position: { epoch: EPOCH, seq: 3 },
  resumed,
})

it('the alerts are read at the start, for another role, after a stop, and where the stock was read later', async () => {
  let reads = 0
  let seq = 3
  const session = createAlertsSession({
    rest: {
      alerts: {
        list: () => Promise.reject(new Error('not asked for')),
        snapshot: () => {
          reads += 1
          return Promise.resolve({ alerts: [], position: { epoch: EPOCH, seq } })
        },
        acknowledge: () => Promise.reject(new Error('not asked for')),
      },
    },
    seen: () => Promise.resolve(),
    schedule: queueMicrotask,
    asOf: () => null,
    onChange: () => undefined,
    onError: (error) => {
      throw error
    },
  })
  session.connected(connected(false))
  await expect.poll(() => reads).toBe(1)
  seq = 5
  // Entries 4 and 5 are in this stock and are not handed on.
  session.snapshot({ epoch: EPOCH, seq: 5 })
  await expect.poll(() => reads).toBe(2)
  session.snapshot({ epoch: EPOCH, seq: 5 })
  session.connected(connected(true))
  session.roles(['admin'])
  await expect.poll(() => reads).toBe(3)
  // Reading may have been under way when it was stopped.
  session.stop()
  session.connected(connected(true, 'admin'))
  await expect.poll(() => reads).toBe(4)
})
