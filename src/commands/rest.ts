import { ERRORS, isErrorCode, problemSchema } from '@uzima/contracts'
import { z } from 'zod'
import { CommandError } from './command-error.js'

/** Calls the REST API of a server. Throws a `CommandError` with the code and the words of the server. */
export interface Rest {
  readonly request: <T>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    answer: z.ZodType<T>,
    body?: object,
    /** Default 15,000 ms. */
    timeoutMs?: number,
  ) => Promise<T>
  /** The text of a long answer, a piece at a time. */
  readonly read: (path: string) => Promise<AsyncIterable<string>>
}

const TIMEOUT_MS = 15_000
/** For what goes through everything that is kept. */
export const LONG_TIMEOUT_MS = 3_600_000

/** `getToken` is asked before each request; without it requests go out without a token. */
export const createRest = (url: string, getToken?: () => Promise<string>): Rest => {
  const send = async (
    method: string,
    path: string,
    body: object | undefined,
    timeoutMs: number,
  ): Promise<Response> =>
    fetch(new URL(path, url), {
      method,
      headers: {
        ...(getToken === undefined ? {} : { authorization: `Bearer ${await getToken()}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      throw new CommandError('NO_ANSWER', `No answer from ${url}. Is the server running there?`, {
        cause: error,
      })
    })

  const refusalOf = (response: Response, content: unknown): CommandError => {
    const problem = anyProblemSchema.safeParse(content)
    return problem.success
      ? new CommandError(problem.data.code, explain(problem.data))
      : new CommandError(
          'NO_ANSWER',
          `${url} answered ${response.status.toString()}. Is it an Uzima server?`,
        )
  }

  const jsonOf = (response: Response): Promise<unknown> => response.json().catch(() => undefined)

  return {
    request: async (method, path, answer, body, timeoutMs = TIMEOUT_MS) => {
      const response = await send(method, path, body, timeoutMs)
      const content = await jsonOf(response)
      if (!response.ok) throw refusalOf(response, content)
      return answer.parse(content)
    },
    read: async (path) => {
      const response = await send('GET', path, undefined, LONG_TIMEOUT_MS)
      if (!response.ok || response.body === null) throw refusalOf(response, await jsonOf(response))
      return response.body.pipeThrough(new TextDecoderStream())
    },
  }
}

/** Of a server that is newer than this command, too: its code may be one that is not known here. */
const anyProblemSchema = problemSchema.extend({ code: z.string() })

const explain = ({
  code,
  title,
  detail,
  errors = [],
}: z.infer<typeof anyProblemSchema>): string => {
  const fields = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  const hint =
    isErrorCode(code) && ERRORS[code].refusesToken
      ? 'Give another token (UZIMA_TOKEN, --token-file), or this command the same JWT_SECRET as the server.'
      : ''
  return [detail ?? title, fields, hint].filter((part) => part !== '').join(' ')
}
