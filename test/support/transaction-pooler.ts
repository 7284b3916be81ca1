import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What stands between a program and PostgreSQL, and where a program finds it. */
export interface TransactionPooler extends AsyncDisposable {
  readonly port: number
}

/**
 * Gives one session of a server to many clients in turns, each for one transaction, as pgbouncer does with
 * `pool_mode = transaction`. A stand-in, because a package of pgbouncer wants root and a service; it speaks as much of the
 * protocol as that takes: no TLS, no password, no cancelling.
 */
export const startTransactionPooler = async (target: {
  readonly port: number
  readonly user: string
  readonly database: string
}): Promise<TransactionPooler> => {
  const upstream = connect(target.port, '127.0.0.1')
  const waiting: { readonly from: Socket; readonly batch: Buffer }[] = []
  const clients = new Set<Socket>()
  let owner: Socket | undefined
  let isBusy = true
  let welcome = Buffer.alloc(0)
  let onWelcome: () => void = () => undefined
  const welcomed = new Promise<void>((resolve) => {
    onWelcome = resolve
  })

  const next = (): void => {
    if (isBusy) return
    const index = waiting.findIndex(({ from }) => owner === undefined || from === owner)
    const [turn] = index < 0 ? [] : waiting.splice(index, 1)
    if (turn === undefined) return
    owner = turn.from
    isBusy = true
    upstream.write(turn.batch)
  }

  readMessages(upstream, 0, (type, message) => {
    if (owner === undefined) {
      if (type !== 'K') welcome = Buffer.concat([welcome, message])
      if (type === 'Z') {
        isBusy = false
        onWelcome()
      }
      return
    }
    owner.write(message)
    if (type !== 'Z') return
    isBusy = false
    if (message.at(-1) === 'I'.charCodeAt(0)) owner = undefined
    next()
  })
  const startup = Buffer.from(`\0\x03\0\0user\0${target.user}\0database\0${target.database}\0\0`)
  upstream.write(Buffer.concat([sizeOf(startup.length + 4), startup]))
  await welcomed

  const server = createServer((client) => {
    clients.add(client)
    client.on('error', () => undefined)
    client.on('close', () => clients.delete(client))
    let batch = Buffer.alloc(0)
    readMessages(client, 1, (type, message) => {
      if (type === '') {
        // A key for cancelling that is nobody's, as poolers give it.
        const key = Buffer.concat([Buffer.from('K'), sizeOf(12), sizeOf(1), sizeOf(2)])
        client.write(Buffer.concat([welcome.subarray(0, -6), key, welcome.subarray(-6)]))
        return
      }
      if (type === 'X') return
      batch = Buffer.concat([batch, message])
      if (type !== 'Q' && type !== 'S') return
      waiting.push({ from: client, batch })
      batch = Buffer.alloc(0)
      next()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server on a port always has such an address.
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy()
      upstream.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const sizeOf = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Calls `onMessage` for each whole message; the first `bare` of them have no letter in front. */
const readMessages = (
  socket: Socket,
  bare: number,
  onMessage: (type: string, message: Buffer) => void,
): void => {
  let rest = Buffer.alloc(0)
  let seen = 0
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const letters = seen < bare ? 0 : 1
      if (rest.length < letters + 4) return
      const length = letters + rest.readInt32BE(letters)
      if (rest.length < length) return
      const message = Buffer.from(rest.subarray(0, length))
      rest = rest.subarray(length)
      seen += 1
      onMessage(letters === 0 ? '' : String.fromCharCode(message[0] ?? 0), message)
    }
  })
}
