import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'

const message = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

const AUTHENTICATED = message('R', Buffer.alloc(4))
const READY = message('Z', Buffer.from('I'))
const TERMINATED = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
)

it('a connection that is cut in the instant in which it opens fails the transaction, not the process', async () => {
  // A server that lets a client in and throws it out in one breath, so that both arrive in one piece.
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATED, READY, TERMINATED])))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const database = createPostgres({
    url: `postgres://nobody@127.0.0.1:${port.toString()}/none`,
    onError: () => undefined,
  })
  try {
    await expect(database.transaction((tx) => tx.query('select 1'))).rejects.toThrow()
    await expect(database.query('select 1')).rejects.toThrow()
  } finally {
    await database.close()
    server.close()
  }
})
