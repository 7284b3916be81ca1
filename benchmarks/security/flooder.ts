import { Agent, request } from 'node:http'

/**
 * Floods a server from a process of its own, so that only the server can make others wait: each of `UZIMA_AT_ONCE` callers
 * sends its next request as soon as it has an answer, whatever that says. Prints its counts when it is told to end.
 */
const { UZIMA_URL = '', UZIMA_PATH = '', UZIMA_TOKENS = '', UZIMA_AT_ONCE = '1' } = process.env
const tokens = UZIMA_TOKENS.split(',')
const atOnce = Number(UZIMA_AT_ONCE)
const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
const statuses: Record<string, number> = {}
const ending = new AbortController()
process.once('SIGTERM', () => {
  ending.abort()
})

const ask = (token: string): Promise<string> =>
  new Promise((resolve) => {
    request(
      `${UZIMA_URL}${UZIMA_PATH}`,
      { agent, headers: token === '' ? {} : { authorization: `Bearer ${token}` } },
      (response) => {
        response.resume().once('close', () => {
          resolve(String(response.statusCode))
        })
      },
    )
      .once('error', () => {
        resolve('failed')
      })
      .end()
  })

const caller = async (index: number): Promise<void> => {
  while (!ending.signal.aborted) {
    const status = await ask(tokens[index % tokens.length] ?? '')
    statuses[status] = (statuses[status] ?? 0) + 1
  }
}
process.stdout.write('flooding\n')
await Promise.all(Array.from({ length: atOnce }, (_, index) => caller(index)))
agent.destroy()
process.stdout.write(`${JSON.stringify(statuses)}\n`)
