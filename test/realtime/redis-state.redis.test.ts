import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { createRedisLink } from '../../src/realtime/redis.js'
import { startRedis } from '../support/redis-server.js'

/** A link that writes down each state that it tells. */
const linkTo = (url: string) => {
  const states: string[] = []
  const link = createRedisLink({
    url,
    service: 'test',
    onState: ({ state }) => states.push(state),
    onDropped: () => {},
  })
  return { states, [Symbol.asyncDispose]: link.close }
}

it('tells once that Redis is there, once that it goes, and once that it comes back', async () => {
  await using redis = await startRedis()
  await using link = linkTo(redis.url)
  await expect.poll(() => link.states).toEqual(['up'])
  await redis.kill9()
  await expect.poll(() => link.states).toEqual(['up', 'down'])
  await redis.restart()
  await expect.poll(() => link.states).toEqual(['up', 'down', 'up'])
})

it('tells once that Redis is not there at the start, however often it is tried, and once that it comes', async () => {
  await using redis = await startRedis()
  await redis.kill9()
  let attempts = 0
  const closedDoor = createServer((socket) => {
    attempts += 1
    socket.destroy()
  }).listen(redis.port, '127.0.0.1')
  await using link = linkTo(redis.url)
  await expect.poll(() => attempts).toBeGreaterThanOrEqual(6)
  closedDoor.close()
  await once(closedDoor, 'close')
  expect(link.states).toEqual(['down'])
  await redis.restart()
  await expect.poll(() => link.states).toEqual(['down', 'up'])
})
