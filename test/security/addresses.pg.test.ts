import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'

const rowsOf = (app: TestApp): Promise<{ ip: string; code: string }[]> =>
  app.database.query('select ip, code from connection_log order by id')

const refusedOnce = async (app: TestApp, forwardedFor: string): Promise<void> => {
  const { socket } = app.client('forged', {
    reconnection: false,
    extraHeaders: { 'x-forwarded-for': forwardedFor, 'x-real-ip': forwardedFor },
  })
  await new Promise<void>((resolve) => {
    socket.once('connect_error', () => {
      resolve()
    })
    socket.once('disconnect', () => {
      resolve()
    })
    // A transient refusal closes the connection without a word.
    socket.io.once('close', () => {
      resolve()
    })
  })
  socket.disconnect()
}

// Class 24, ASVS 4.1.3
describe('an address that the client says itself', () => {
  it('is not believed: neither the record nor the limit follows it', async () => {
    await using app = await setupApp({ env: { AUTH_FAILURES_PER_MINUTE: '3' } })
    for (let n = 1; n <= 5; n += 1) await refusedOnce(app, `203.0.113.${n.toString()}`)

    await expect.poll(async () => (await rowsOf(app)).length).toBe(5)
    const rows = await rowsOf(app)
    expect(new Set(rows.map(({ ip }) => ip))).toEqual(new Set(['127.0.0.1']))
    expect(rows.map(({ code }) => code)).toEqual([
      ...Array<string>(3).fill('AUTH_TOKEN_INVALID'),
      ...Array<string>(2).fill('RATE_LIMITED'),
    ])
  })

  it('counts where a trusted proxy says it, but not what the client put before it', async () => {
    await using app = await setupApp({
      env: { TRUST_PROXY: '127.0.0.1', AUTH_FAILURES_PER_MINUTE: '3' },
    })
    for (let n = 1; n <= 5; n += 1) {
      await refusedOnce(app, `198.51.100.${n.toString()}, 203.0.113.9`)
    }

    await expect.poll(async () => (await rowsOf(app)).length).toBe(5)
    const rows = await rowsOf(app)
    expect(new Set(rows.map(({ ip }) => ip))).toEqual(new Set(['203.0.113.9']))
    expect(rows.map(({ code }) => code)).toContain('RATE_LIMITED')
  })
})
