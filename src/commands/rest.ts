import { ERRORS, isErrorCode, problemSchema } from '@uzima/contracts'
import { z } from 'zod'
import { CommandError } from './command-error.js'
import { download, type Download } from './rest-download.js'

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
  /** Gets a long answer as it comes. */
  readonly download: (path: string) => Promise<Download>
}

const TIMEOUT_MS = 15_000
/** For what goes through everything that is kept. */
export const LONG_TIMEOUT_MS = 3_600_000

/** `getToken` is asked before each request; without it requests go out without a token. */
export const createRest = (url: string, getToken?: () => Promise<string>): Rest => ({
  request: async (method, path, answer, body, timeoutMs = TIMEOUT_MS) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(getToken === undefined ? {} : { authorization: `Bearer ${await getToken()}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: unknown) => {
      throw noAnswer(url, error)
    })
    const content: unknown = await response.json().catch(() => undefined)
    if (response.ok) return answer.parse(content)
    throw refusalOf(url, response.status, content)
  },
  download: async (path) => {
    const answer = await download(new URL(path, url), await getToken?.()).catch(
      (error: unknown) => {
        throw noAnswer(url, error)
      },
    )
    if (answer.status === 200) return answer
    throw refusalOf(url, answer.status, parsed(await answer.text()))
  },
})

const noAnswer = (url: string, cause: unknown): CommandError =>
  new CommandError('NO_ANSWER', `No answer from ${url}. Is the server running there?`, { cause })

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const refusalOf = (url: string, status: number, content: unknown): CommandError => {
  const problem = anyProblemSchema.safeParse(content)
  if (!problem.success) {
    return new CommandError(
      'NO_ANSWER',
      `${url} answered ${status.toString()}. Is it an Uzima server?`,
    )
  }
  return new CommandError(problem.data.code, explain(problem.data))
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
