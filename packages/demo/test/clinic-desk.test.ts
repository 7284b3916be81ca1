import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openClinicDesk, type ClinicDesk } from '../src/clinic-desk.js'

const task = { kind: 'dispense', minute: 0, sku: 'PARA', quantity: 9, reason: 'Rx' } as const

describe('the desk of the clinic', () => {
  it('says how many can be dispensed where there are fewer than asked for', async () => {
    await using server = await startServer(409, {
      code: 'INVENTORY_INSUFFICIENT_STOCK',
      title: 'Not enough stock',
      retryable: false,
      requested: 9,
      available: 4,
    })
    expect(await server.desk.carryOut(task)).toEqual({ done: false, available: 4 })
    expect(server.desk.requestCount()).toBe(1)
  })

  it('says who may play when the role does not allow it', async () => {
    await using server = await startServer(403, {
      code: 'AUTH_FORBIDDEN',
      title: 'Not allowed',
      retryable: false,
    })
    await expect(server.desk.carryOut(task)).rejects.toThrow(
      'AUTH_FORBIDDEN: Not allowed (be an admin, inventory_manager or pharmacist)',
    )
  })

  it('asks whether it is our server where the answer is in no form of ours', async () => {
    await using server = await startServer(404, {})
    await expect(server.desk.readStock()).rejects.toThrow('answered 404 in no form of ours')
  })
})

/** A server that gives one answer to everything, and a desk that sends there. */
const startServer = async (
  status: number,
  problem: object,
): Promise<AsyncDisposable & { readonly desk: ClinicDesk }> => {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(problem))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an AddressInfo; the type also covers pipes.
  const { port } = server.address() as AddressInfo
  return {
    desk: openClinicDesk({
      baseUrl: `http://127.0.0.1:${port.toString()}`,
      getToken: () => 'a token',
      signal: new AbortController().signal,
    }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
