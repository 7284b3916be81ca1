import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { setupApp } from '../support/app.js'

it('waits on a connection for one attempt, not for each of a hundred CONNECT packets', async () => {
  const warnings: string[] = []
  const onWarning = ({ name }: Error): number => warnings.push(name)
  process.on('warning', onWarning)
  onTestFinished(() => {
    process.off('warning', onWarning)
  })
  await using app = await setupApp()
  const user = await app.addUser('doctor')
  const socket = new WebSocket(`${app.url}/socket.io/?EIO=4&transport=websocket`)
  socket.on('error', () => undefined)
  await once(socket, 'message')

  for (let count = 0; count < 100; count += 1) {
    socket.send(`40${JSON.stringify({ token: user.token })}`)
  }
  await once(socket, 'close')
  await nextTurn()

  expect(warnings).not.toContain('MaxListenersExceededWarning')
})
