import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** Something that says it is PostgreSQL 12. */
export interface OldPostgres extends AsyncDisposable {
  readonly url: string
}

const AUTHENTICATION_OK = 0
const PID = 1
const [BOOL, INT4, TEXT] = [16, 23, 25] as const

/** Each query gets this row: what is asked of a server before anything is done there. */
const ROW: readonly (readonly [name: string, type: number, value: string])[] = [
  ['pid', INT4, PID.toString()],
  ['database', TEXT, 'postgres'],
  ['encoding', TEXT, 'UTF8'],
  ['read_only', BOOL, 'f'],
  ['only_reads', BOOL, 'f'],
  ['version', TEXT, '12.22'],
]

/**
 * Speaks as much of the protocol (PostgreSQL 54) as it takes to be asked for its version. It stands in for a server that
 * nobody installs any more: binaries of version 12 would be fetched for one sentence, which was tried against one by hand.
 */
export const startOldPostgres = async (): Promise<OldPostgres> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(
        Buffer.concat([
          message('R', int32(AUTHENTICATION_OK)),
          message('K', int32(PID), int32(1)),
          READY,
        ]),
      )
      socket.on('data', (data) => {
        if (data[0] === 'Q'.charCodeAt(0)) socket.write(ANSWER)
        else socket.end()
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `postgres://uzima@127.0.0.1:${port.toString()}/postgres`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}
const text = (value: string): Buffer => Buffer.from(`${value}\0`)

const READY = message('Z', Buffer.from('I'))
const ANSWER = Buffer.concat([
  message(
    'T',
    int16(ROW.length),
    ...ROW.flatMap(([name, type]) => [
      text(name),
      int32(0),
      int16(0),
      int32(type),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  ),
  message(
    'D',
    int16(ROW.length),
    ...ROW.flatMap(([, , value]) => [int32(value.length), Buffer.from(value)]),
  ),
  message('C', text('SELECT 1')),
  READY,
])
