/** What all peers have in common: how the benchmark tells them to send, and how they say where they are. */
import { createServer } from 'node:http'
import process from 'node:process'

/** Answers `POST /order?count=200&bytes=480` by calling `emit` so often, with payloads of that size. */
export const takeOrders = (emit) => {
  let seq = 0
  return (request, response) => {
    const { searchParams } = new URL(request.url, 'http://localhost')
    const filler = 'x'.repeat(Number(searchParams.get('bytes')))
    for (let count = Number(searchParams.get('count')); count > 0; count -= 1) {
      seq += 1
      emit({ seq, filler })
    }
    response.end()
  }
}

/** An HTTP server that takes orders; everything but `/order` is left to the peer. */
export const createOrderedServer = (emit) => {
  const answer = takeOrders(emit)
  return createServer((request, response) => {
    if (request.url.startsWith('/order')) answer(request, response)
  })
}

/** Listens on a free port of loopback and says which. */
export const listen = (server) => {
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`Listening at http://127.0.0.1:${server.address().port}\n`)
  })
}
