import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { times } from '../test/support/long.js'
import { startServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { allConnected, settingsWith, tokensOf } from './draining.js'
import { follow, type Follower } from './rig/stock-follower.js'

const secret = randomBytes(48).toString('base64url')
const CLIENTS = times(300, 800)

type EndSignal = 'SIGTERM' | 'SIGINT'
const other = (signal: EndSignal): EndSignal => (signal === 'SIGTERM' ? 'SIGINT' : 'SIGTERM')

/** A node with clients, and somebody at its door who never says what he wants: its drain waits a second for him. */
const setupDraining = async () => {
  const database = await createTestDatabase()
  const tokens = await tokensOf(secret, database, 20)
  const server = await startServer({ env: settingsWith(secret, database.url ?? '') })
  const followers: Follower[] = []
  for (let n = 0; n < CLIENTS; n += 1) {
    followers.push(follow(server.url, tokens[n % tokens.length] ?? ''))
  }
  await allConnected(followers, 1)
  const { hostname, port } = new URL(server.url)
  const undecided = connect(Number(port), hostname)
  undecided.on('error', () => undefined)
  await new Promise((resolve) => undecided.once('connect', resolve))
  const isDoorClosed = () =>
    fetch(`${server.url}/health/live`, { signal: AbortSignal.timeout(1_000) }).then(
      () => false,
      () => true,
    )
  return {
    server,
    followers,
    /** Sends the first signal, and resolves while the drain goes on. */
    begin: async (signal: EndSignal) => {
      server.signal(signal)
      await expect.poll(isDoorClosed, { interval: 5 }).toBe(true)
    },
    [Symbol.asyncDispose]: async () => {
      undecided.destroy()
      for (const { socket } of followers) socket.disconnect()
      await server.stop()
      await database[Symbol.asyncDispose]()
    },
  }
}

describe('a node that is ending', () => {
  it.each<EndSignal>(['SIGTERM', 'SIGINT'])(
    'after %s tells every socket in spite of a second signal, and says that it is still ending',
    async (first) => {
      await using draining = await setupDraining()
      await draining.begin(first)
      draining.server.signal(other(first))
      expect(await draining.server.exited).toEqual({ code: 0, signal: null })
      expect(draining.server.output()).toContain('Still ending')
      await expect
        .poll(() => draining.followers.filter(({ closings }) => closings.length === 1).length)
        .toBe(CLIENTS)
    },
  )

  it('ends at once, with a code of its own, at the third', async () => {
    await using draining = await setupDraining()
    // A request that does not end is waited for longer than a busy machine takes for three signals.
    const { hostname, port } = new URL(draining.server.url)
    const request = connect(Number(port), hostname)
    request.on('error', () => undefined)
    request.write(
      'POST /api/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    )
    await new Promise((resolve) => request.once('connect', resolve))
    await draining.begin('SIGTERM')
    draining.server.signal('SIGINT')
    await expect.poll(draining.server.output, { interval: 5 }).toContain('Still ending')
    draining.server.signal('SIGTERM')
    expect(await draining.server.exited).toEqual({ code: 3, signal: null })
  })

  it('takes the two signals of one Ctrl-C under npm for one', async () => {
    await using draining = await setupDraining()
    draining.server.signal('SIGINT')
    draining.server.signal('SIGINT')
    expect(await draining.server.exited).toEqual({ code: 0, signal: null })
    expect(draining.server.output()).not.toContain('Still ending')
  })
})
