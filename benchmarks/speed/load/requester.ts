import { connect } from 'node:net'

/** A connection on which one request is made after the other. */
export interface Requester {
  /** Sends a request that is encoded already; resolves to the status, once the answer is whole. */
  readonly send: (request: Buffer) => Promise<number>
  readonly close: () => void
}

/** Encodes a POST of JSON for a connection that is kept. */
export const encodePost = (path: string, token: string, body: unknown): Buffer => {
  const text = JSON.stringify(body)
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(text))}\r\n\r\n${text}`,
  )
}

/** Opens a connection; it reads of an answer what tells where that ends. */
export const openRequester = (port: number): Requester => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  let unread = ''
  let answer = {
    resolve: (_status: number): void => undefined,
    reject: (_error: Error): void => undefined,
  }

  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    unread += chunk
    const headEnd = unread.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = Number(/content-length: (\d+)/i.exec(unread.slice(0, headEnd))?.[1] ?? 0)
    if (unread.length < headEnd + 4 + length) return
    const status = Number(unread.slice(9, 12))
    unread = ''
    answer.resolve(status)
  })
  socket.on('error', (error) => {
    answer.reject(error)
  })
  socket.on('close', () => {
    answer.reject(new Error('The connection was closed before the answer.'))
  })

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        answer = { resolve, reject }
        socket.write(request)
      }),
    close: () => {
      socket.destroy()
    },
  }
}
