import { once } from 'node:events'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'

/** A long answer, as it arrives. */
export interface Download {
  readonly status: number
  readonly pieces: AsyncIterable<Buffer>
  /** SHA-256 of the body as the server has told after its end; undefined before, and where it has not. */
  readonly digest: () => Buffer | undefined
  /** All of it as text, for an answer that is short. */
  readonly text: () => Promise<string>
}

/** Without progress for so long it is given up. */
const SILENT_MS = 120_000

/** Gets a long answer. Not with `fetch`, which keeps trailers to itself. */
export const download = async (address: URL, token: string | undefined): Promise<Download> => {
  const request = address.protocol === 'https:' ? requestHttps : requestHttp
  const asked = request(address, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    timeout: SILENT_MS,
  })
  asked.on('timeout', () => {
    asked.destroy(new Error('The answer has stopped.'))
  })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return {
    status: answer.statusCode ?? 0,
    pieces: answer,
    digest: () => {
      const told = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(answer.trailers['repr-digest'] ?? '')
      return told?.[1] === undefined ? undefined : Buffer.from(told[1], 'base64')
    },
    text: () => text(answer),
  }
}
